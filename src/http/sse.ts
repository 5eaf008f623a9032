/**
 * Server-sent events as OpenAI's clients read them: `data:` lines and nothing else.
 * Source: WHATWG HTML, 9.2 "Server-sent events".
 * @module
 */

/** The event that ends a whole stream. */
export const DONE = "data: [DONE]\n\n";

/**
 * A line that parsers skip. No empty line follows: some clients take the empty line for an event
 * and fail on its missing data (openai-python #2722).
 */
export const KEEPALIVE_COMMENT = ": keepalive\n";

/** Tells caches and proxies (nginx by `x-accel-buffering`) to hand every event on as it comes. */
export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/** One event with `json`, a text without line breaks, as its data. */
export function event(json: string): string {
  return `data: ${json}\n\n`;
}

/** The same under a name, which parsers that look only at `data` may pass over. */
export function namedEvent(name: string, json: string): string {
  return `event: ${name}\n${event(json)}`;
}
