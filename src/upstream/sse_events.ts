/**
 * SSE events: the events of a streamed answer, in batches as they come off the wire.
 * Source: WHATWG HTML, "Server-sent events" (an event that is not closed by a blank line is none);
 * OpenAI API reference, "Streaming".
 * @module
 */
import { createParser } from "eventsource-parser";
import { FailureError } from "../protocol/failure.ts";
import { countedBytes } from "./body.ts";
import { failureOf } from "./classify.ts";

export interface SseEvent {
  /** Its type, where it says one. */
  readonly event?: string | undefined;
  readonly data: string;
}

/** Longest event, in characters. */
const MAX_EVENT_CHARS = 1_000_000;

/**
 * Fails `too_large` on an event past its limit, or a stream past `maxBytes`. Who answers with a JSON
 * object instead of a stream (an error, most likely) has it taken for the only event.
 */
export async function* sseEvents(response: Response, maxBytes: number): AsyncGenerator<SseEvent[]> {
  let batch: SseEvent[] = [];
  let tooLarge = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: (event) => batch.push(event),
    onError: ({ type }) => {
      tooLarge ||= type === "max-buffer-size-exceeded";
    },
  });
  const decoder = new TextDecoder();
  let kind: "stream" | "object" | undefined;
  let object = "";
  for await (const bytes of countedBytes(response, maxBytes)) {
    const text = decoder.decode(bytes, { stream: true });
    kind ??= text.startsWith("{") ? "object" : "stream";
    if (kind === "object") {
      object += text;
      continue;
    }
    parser.feed(text);
    if (tooLarge) throw new FailureError(failureOf("too_large"));
    if (batch.length === 0) continue;
    yield batch;
    batch = [];
  }
  if (kind === "object") yield [{ data: object }];
}
