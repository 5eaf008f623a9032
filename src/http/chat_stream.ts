/**
 * A run's answer in the events of a streamed chat completion.
 *
 * How each choice finished is held back until the run has settled: a stream that was cut must not
 * look finished, so a failed run ends in an error event, without a finish reason and without
 * `[DONE]`.
 * Source: OpenAI API reference, "The chat completion chunk object".
 * @module
 */
import type { Delta, Outcome, Run } from "../fusion/outcome.ts";
import { traceBody } from "../observe/trace.ts";
import { ChunkWriter } from "../openai/chat_chunk.ts";
import { usageBody } from "../openai/usage_body.ts";
import type { CompletionHead } from "./completion_body.ts";
import { failedError, internalError } from "./error_response.ts";
import { type EventWriter, runStream, type RunStreamOptions } from "./run_stream.ts";
import { DONE, event } from "./sse.ts";

export interface ChatEventsOptions extends CompletionHead {
  readonly includeUsage: boolean;
  /** How many choices were asked for (`n`). */
  readonly choices: number;
}

export function chatStream(
  run: Run,
  options: ChatEventsOptions & RunStreamOptions,
): ReadableStream<Uint8Array> {
  return runStream(run, new ChatEvents(options), options);
}

export class ChatEvents implements EventWriter {
  readonly #chunks: ChunkWriter;
  /** How each choice that was heard of finished; empty where its upstream has not said so. */
  readonly #finishes = new Map<number, string>();

  constructor(readonly options: ChatEventsOptions) {
    this.#chunks = new ChunkWriter(options);
  }

  opening(): string {
    let events = "";
    for (let index = 0; index < this.options.choices; index++) {
      this.#finishes.set(index, "");
      events += event(this.#chunks.role(index));
    }
    return events;
  }

  delta({ choices }: Delta): string {
    for (const { index, finish_reason: reason } of choices) {
      const key = typeof index === "number" ? index : 0;
      if (typeof reason === "string" && reason !== "") this.#finishes.set(key, reason);
    }
    const chunk = this.#chunks.delta(choices);
    return chunk === "" ? "" : event(chunk);
  }

  idle(): string {
    return event(this.#chunks.empty());
  }

  closing(outcome: Outcome | undefined): string {
    if (outcome === undefined) return event(JSON.stringify(internalError().body));
    if (outcome.type === "failed") return event(JSON.stringify(failedError(outcome).body));

    const { trace, includeUsage } = this.options;
    const fusion = trace ? traceBody(outcome) : undefined;
    for (const { index, finish_reason: reason } of outcome.choices) {
      if (!this.#finishes.get(index)) this.#finishes.set(index, reason ?? "");
    }
    let events = "";
    let left = this.#finishes.size;
    for (const [index, reason] of this.#finishes) {
      const isLast = --left === 0 && !includeUsage;
      events += event(this.#chunks.finish(index, reason || "stop", isLast ? fusion : undefined));
    }
    if (includeUsage) events += event(this.#chunks.usage(usageBody(outcome.usage), fusion));
    return events + DONE;
  }
}
