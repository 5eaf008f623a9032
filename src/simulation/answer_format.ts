/**
 * Answer format: how one endpoint puts a reply into a body. Types only.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { Part } from "./part.ts";
import type { Reply } from "./reply.ts";
import type { SimulatedUsage } from "./usage.ts";

export interface CompleteOptions {
  readonly request: ChatRequest;
  /** null: the server reports none. */
  readonly usage: SimulatedUsage | null;
}

export interface StreamOptions extends CompleteOptions {
  readonly firstTokenMs: number;
  /** How long the writing of so many tokens takes. */
  readonly writingMs: (tokens: number) => number;
}

export interface AnswerFormat {
  /** The JSON of a whole answer. */
  complete(reply: Reply, options: CompleteOptions): string;
  /** The events of a streamed answer: the first waits for the first token, every other for its own. */
  stream(reply: Reply, options: StreamOptions): Part[];
}
