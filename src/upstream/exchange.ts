/**
 * Exchange: posts a request to an upstream and gives back its response, the body still to be read. The
 * only file that fetches, and the one that says which connections are kept for the next call.
 * @module
 */
import { fromNetwork } from "./body.ts";

export interface PostOptions {
  /** A plain object: a third cheaper to send than `Headers`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the exchange wherever it is, and closes its connection. */
  readonly signal: AbortSignal;
}

/** Idle connections that one worker keeps to one upstream, at most. */
export const MAX_IDLE = 128;
/** For how long, in milliseconds. */
const IDLE_MS = 20_000;

/**
 * The platform's own client keeps all connections of the busiest moment for 90 seconds, thousands after
 * a wave: their memory here, and as many places at the upstream.
 */
const client: Deno.HttpClient = Deno.createHttpClient({
  poolMaxIdlePerHost: MAX_IDLE,
  poolIdleTimeout: IDLE_MS,
});

/** Follows no redirect. Fails `connect` where no response comes. */
export function post(url: string, options: PostOptions): Promise<Response> {
  return fromNetwork(fetch(url, { method: "POST", redirect: "manual", client, ...options }));
}
