/**
 * Reply: what a model says to one chat request, before it is put into an HTTP body. Types only.
 * @module
 */

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface ReplyChoice {
  readonly reasoning: string;
  readonly content: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string;
}

export interface Reply {
  /** `chatcmpl-…` */
  readonly id: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ReplyChoice[];
}
