/**
 * Streamed answer: what the chunks of one streamed answer add up to, and each chunk's choices as
 * they are to be passed on.
 * @module
 */
import type { Chunk, Completion } from "./chat_response.ts";
import { type RepairOptions, ToolCallStream } from "./tool_call_repair.ts";

type StreamedChoice = Chunk["choices"][number];

/** What is known of one choice so far. */
export interface ChoiceSoFar {
  text: string;
  /** Calls a tool, refuses or speaks: its text is not all that it says. */
  hasMore: boolean;
  finishReason: string | null;
}

export class StreamedAnswer {
  readonly choices = new Map<number, ChoiceSoFar>();
  /** Whether anything has been said that a client would show. */
  said = false;
  usage: Chunk["usage"] = null;
  origin: Pick<Completion, "system_fingerprint" | "service_tier"> = {};
  readonly #calls: ToolCallStream;

  constructor(options: RepairOptions) {
    this.#calls = new ToolCallStream(options);
  }

  /** Takes the chunk in; gives its choices, mended. */
  add({ choices, usage, system_fingerprint, service_tier }: Chunk): StreamedChoice[] {
    this.usage = usage ?? this.usage;
    this.origin = {
      system_fingerprint: system_fingerprint ?? this.origin.system_fingerprint,
      service_tier: service_tier ?? this.origin.service_tier,
    };
    return choices.map((choice) => {
      const mended = this.#calls.repaired(choice);
      this.#take(mended);
      return mended;
    });
  }

  #take({ index = 0, delta, finish_reason: reason }: StreamedChoice) {
    const known = this.choices.get(index) ?? { text: "", hasMore: false, finishReason: null };
    this.choices.set(index, known);
    known.text += delta?.content ?? "";
    known.finishReason = reason ?? known.finishReason;
    const { role: _role, content, reasoning_content: _deep, reasoning: _other, ...more } = delta ??
      {};
    known.hasMore ||= Object.values(more).some(saysSomething);
    // An answer that was cut off before its first word is an answer, too.
    this.said ||= known.hasMore || saysSomething(content) || saysSomething(_deep) ||
      saysSomething(_other) || reason === "length" || reason === "content_filter";
  }
}

function saysSomething(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : value !== null && value !== undefined && value !== "";
}
