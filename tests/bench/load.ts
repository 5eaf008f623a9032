/**
 * Load: clients that each send their next request when the last one has been answered.
 * @module
 */

export interface LoadOptions {
  /** Requests in flight at any time. */
  readonly clients: number;
  /** No request is sent after this many milliseconds. */
  readonly forMs: number;
}

/** What `send` gave for each request, in order of their ends. */
export async function load<T>(
  send: () => Promise<T>,
  { clients, forMs }: LoadOptions,
): Promise<T[]> {
  const results: T[] = [];
  const endAt = performance.now() + forMs;
  const client = async () => {
    while (performance.now() < endAt) results.push(await send());
  };
  await Promise.all(Array.from({ length: clients }, client));
  return results;
}
