/**
 * Listener: the HTTP server in front of the door. It is `node:http`, because it notices at once when
 * a client leaves: `Deno.serve` does not before the first byte of an answer, if the request had a
 * body (Deno 2.9), and upstreams would go on writing for nobody.
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

export interface Listener {
  /** `http://host:port`, where the port accepts. */
  readonly url: string;
  /** Accepts nobody any more; resolves when every answer has been sent. */
  shutdown(): Promise<void>;
  /** Closes what is still open. */
  abort(): void;
}

export interface Address {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface ListenOptions {
  readonly answer: (request: Request) => Promise<Response>;
  /** What the operator can do where the port is taken. */
  readonly hint: string;
}

/** @throws Error worded for the operator, where the address cannot be had */
export async function listen(
  { hostname, port }: Address,
  { answer, hint }: ListenOptions,
): Promise<Listener> {
  const serve = getRequestListener(
    async (request, { incoming }) => {
      const response = await answer(request);
      return incoming.httpVersion === "1.0" ? response : sentAtOnce(response);
    },
    { overrideGlobalObjects: false },
  );
  const server = createServer(serve);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error: Error & { code?: string }) => {
    const why = error.code === "EADDRINUSE" ? `the port is taken; ${hint}` : error.message;
    reject(new Error(`Cannot listen on ${hostname}:${port}: ${why}`));
  });
  server.listen(port, hostname, resolve);
  await promise;
  /** Requests whose answer has not been sent whole. */
  let open = 0;
  let onNoneOpen = () => {};
  server.on("request", (_request, response) => {
    open++;
    response.once("close", () => {
      if (--open === 0) onNoneOpen();
    });
  });
  return {
    url: urlOf(server.address() as AddressInfo),
    shutdown: () =>
      new Promise((ended) => {
        server.close(() => ended());
        server.closeIdleConnections();
        // To the server one on which nothing was asked yet is not idle; clients open such in advance.
        onNoneOpen = () => server.closeAllConnections();
        if (open === 0) onNoneOpen();
      }),
    abort: () => server.closeAllConnections(),
  };
}

/**
 * The adapter holds headers back for a millisecond, to see whether the body is over by then, unless it
 * is told that chunks will come. HTTP/1.0 has none (RFC 9112, 6.1).
 */
function sentAtOnce(response: Response): Response {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (isStream) response.headers.set("transfer-encoding", "chunked");
  return response;
}

function urlOf({ address, port }: AddressInfo): string {
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}
