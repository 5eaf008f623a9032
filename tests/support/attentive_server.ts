/**
 * Attentive server: what a simulation listens with that has to see every hang-up, also of a client
 * that waits for the headers. `node:http` does; it costs more than Deno's own server.
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Listen } from "../../src/simulation/deno_server.ts";

export const listenAttentively: Listen = async ({ hostname, port }, answer) => {
  const server = createServer(getRequestListener(async (request, bindings) => {
    const { outgoing } = bindings as HttpBindings;
    return breakable(await answer(request), outgoing);
  }, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, resolve);
  });
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://${hostname}:${chosen}`,
    shutdown: () => new Promise((closed) => server.close(() => closed())),
    abort: () => server.closeAllConnections(),
  };
};

/** A body that breaks off takes its socket along; else the server would end it in words of its own. */
function breakable(response: Response, outgoing: ServerResponse): Response {
  const { body, status, headers } = response;
  if (body === null) return response;
  const reader = body.getReader();
  const pieces = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch(() => {
        outgoing.destroy();
        return { done: true, value: undefined };
      });
      if (value) controller.enqueue(value);
      if (done) controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return new Response(pieces, { status, headers });
}
