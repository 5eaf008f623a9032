/**
 * Deno server: what the simulation listens with unless it is told otherwise, as it costs least. It
 * sees a client that leaves in the middle of an answer; but of one that leaves before the headers, and
 * whose request had a body of more than a few hundred bytes, it may hear nothing (Deno 2.9). Whoever
 * has to know brings a server of their own.
 * @module
 */
import { CUT } from "./deliver.ts";

export interface SimulationServer {
  /** `http://host:port`, where the port accepts. */
  readonly url: string;
  /** Accepts nobody any more; resolves when everything is closed. */
  shutdown(): Promise<void>;
  /** Closes what is still open. */
  abort(): void;
}

export type Listen = (
  address: { readonly hostname: string; readonly port: number },
  answer: (request: Request) => Promise<Response>,
) => Promise<SimulationServer>;

export const listenWithDeno: Listen = async (address, answer) => {
  const { promise: listening, resolve: onListen } = Promise.withResolvers<Deno.NetAddr>();
  const abort = new AbortController();
  const server = Deno.serve({
    ...address,
    signal: abort.signal,
    onListen,
    onError: reportStreamError,
  }, answer);
  const { hostname, port } = await listening;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`,
    shutdown: () => server.finished,
    abort: () => abort.abort(),
  };
};

/** Deno reports a body that breaks off here; on purpose it is no error. */
function reportStreamError(error: unknown): Response {
  if (error === CUT) return new Response(null, { status: 500 });
  throw error;
}
