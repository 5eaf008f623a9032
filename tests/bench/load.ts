/**
 * Load: clients that each send their next request when the last one has been answered.
 * @module
 */

export interface LoadOptions {
  /** Requests in flight at any time. */
  readonly clients: number;
  /** No request is sent after this many milliseconds. */
  readonly forMs: number;
  /** The clients begin one after the other, spread over this many milliseconds. Default: all at once. */
  readonly rampMs?: number;
}

/** What `send` gave for each request, in order of their ends. */
export async function load<T>(
  send: () => Promise<T>,
  { clients, forMs, rampMs = 0 }: LoadOptions,
): Promise<T[]> {
  const results: T[] = [];
  const endAt = performance.now() + forMs;
  const client = async (_: unknown, place: number) => {
    const beginMs = place * rampMs / clients;
    if (beginMs > 0) await new Promise((resolve) => setTimeout(resolve, beginMs));
    while (performance.now() < endAt) results.push(await send());
  };
  await Promise.all(Array.from({ length: clients }, client));
  return results;
}
