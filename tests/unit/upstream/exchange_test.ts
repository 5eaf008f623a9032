import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { MAX_IDLE, post } from "../../../src/upstream/exchange.ts";
import { until } from "../../support/until.ts";

Deno.test("post() keeps only some of a wave's connections", async () => {
  const wave = MAX_IDLE + 32;
  const waiting: (() => void)[] = [];
  const server = createServer((_request, response) => {
    waiting.push(() => response.end("{}"));
    if (waiting.length === wave) { for (const answer of waiting) answer(); }
  });
  let open = 0;
  server.on("connection", (socket) => {
    open++;
    socket.on("close", () => open--);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;

  await Promise.all(Array.from({ length: wave }, async () => {
    const { signal } = new AbortController();
    const response = await post(`http://127.0.0.1:${port}/`, { headers: {}, body: "{}", signal });
    assert.equal(await response.text(), "{}");
  }));
  await until(() => open <= MAX_IDLE);
  assert.ok(open > 0);

  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});
