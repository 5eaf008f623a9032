/**
 * SSE events: the `data` of each event in a streamed answer, in batches as they come off the wire.
 * Source: WHATWG HTML, "Server-sent events"; OpenAI API reference, "Streaming".
 * @module
 */
import { createParser } from "eventsource-parser";
import { FailureError } from "../protocol/failure.ts";
import { countedBytes } from "./body.ts";
import { failureOf } from "./classify.ts";

/** Longest event, in characters. */
const MAX_EVENT_CHARS = 1_000_000;

export async function* sseEvents(response: Response, maxBytes: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  let broken = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ data }) => batch.push(data),
    onError: ({ type }) => {
      broken ||= type === "max-buffer-size-exceeded";
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of countedBytes(response, maxBytes)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    if (broken) throw new FailureError(failureOf("too_large"));
    if (batch.length === 0) continue;
    yield batch;
    batch = [];
  }
  // The last event of a server that forgets its closing blank line.
  parser.feed("\n\n");
  if (batch.length > 0) yield batch;
}
