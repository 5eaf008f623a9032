/**
 * Writes `chat.completion.chunk` objects as JSON text, for the one stream that they belong to.
 *
 * What all chunks of a stream share is written once and pasted, so a token costs one small
 * `JSON.stringify` and two concatenations. Knows no SSE framing and no run.
 * Source: OpenAI API reference, "The chat completion chunk object".
 * @module
 */
import type { UsageBody } from "./usage_body.ts";

export interface ChunkHead {
  /** The same in every chunk of the stream: `chatcmpl-…`. */
  readonly id: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  /** `stream_options.include_usage`: every chunk then has `usage`, null in all but the last. */
  readonly includeUsage: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

export class ChunkWriter {
  readonly #open: string;
  readonly #close: string;

  constructor(head: ChunkHead) {
    const { id, created, model } = head;
    const shared = JSON.stringify({ id, object: "chat.completion.chunk", created, model });
    this.#open = `${shared.slice(0, -1)},"choices":[`;
    this.#close = head.includeUsage ? '],"usage":null}' : "]}";
  }

  /** The chunk that opens a choice. */
  role(index: number): string {
    return this.#choice(`{"index":${index},"delta":{"role":"assistant","content":""}`);
  }

  /** A chunk that says nothing: what keeps a connection alive for parsers that accept only chunks. */
  empty(): string {
    return this.#choice('{"index":0,"delta":{}');
  }

  /**
   * A chunk with what `choices` say. `role` and `finish_reason` are left out: they stand in the
   * stream's first and last chunk. Returns "" where nothing is left to say.
   */
  delta(choices: readonly Fields[]): string {
    let written = "";
    for (const choice of choices) {
      const text = spokenChoice(choice);
      if (text === "") continue;
      written = written === "" ? text : `${written},${text}`;
    }
    return written === "" ? "" : this.#open + written + this.#close;
  }

  /** The chunk that ends a choice; `fusion` is the trace, where one was asked for. */
  finish(index: number, reason: string, fusion?: unknown): string {
    const choice = `{"index":${index},"delta":{},"logprobs":null,"finish_reason":${
      JSON.stringify(reason)
    }}`;
    return withFusion(this.#open + choice + this.#close, fusion);
  }

  /** The chunk without choices that closes a stream whose client asked for its usage. */
  usage(usage: UsageBody, fusion?: unknown): string {
    return withFusion(`${this.#open}],"usage":${JSON.stringify(usage)}}`, fusion);
  }

  #choice(start: string): string {
    return `${this.#open}${start},"logprobs":null,"finish_reason":null}${this.#close}`;
  }
}

function withFusion(chunk: string, fusion: unknown): string {
  return fusion === undefined ? chunk : `${chunk.slice(0, -1)},"fusion":${JSON.stringify(fusion)}}`;
}

function spokenChoice(choice: Fields): string {
  const { index = 0, delta, finish_reason: _reason, logprobs = null, ...others } = choice;
  const { role: _role, ...said } = (delta ?? {}) as Fields;
  if (saysNothing(said) && logprobs === null && saysNothing(others)) return "";
  const rest = JSON.stringify({ logprobs, ...others, finish_reason: null });
  return `{"index":${index},"delta":${JSON.stringify(said)},${rest.slice(1)}`;
}

function saysNothing(fields: Fields): boolean {
  for (const key in fields) {
    const value = fields[key];
    if (value !== null && value !== undefined && value !== "") return false;
  }
  return true;
}
