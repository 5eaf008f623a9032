/**
 * The listener's orderly end: it waits for answers, and for nothing else.
 * @module
 */
import assert from "node:assert/strict";
import { listen, type Listener } from "../../src/listener.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
/** Far longer than it takes, far shorter than for ever. */
const PATIENCE_MS = 5_000;
/** More than the buffers between hold. */
const ANSWER_BYTES = 16 * 1024 * 1024;

function connect({ url }: Listener): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: LOOPBACK.hostname, port: Number(new URL(url).port) });
}

async function endsInTime(ended: Promise<void>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), PATIENCE_MS);
  try {
    return await Promise.race([ended.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("Listener.shutdown() does not wait for connections on which nothing was asked", async () => {
  const listener = await listen(LOOPBACK, () => Promise.resolve(new Response("hello")));
  using silent = await connect(listener);
  using begun = await connect(listener);
  await begun.write(new TextEncoder().encode("POST / HTTP/1.1\r\nhost: x\r\n"));
  // Once this is answered, the connections before it have been accepted.
  assert.equal(await (await fetch(listener.url)).text(), "hello");
  const inTime = await endsInTime(listener.shutdown());
  if (!inTime) listener.abort();
  assert.ok(inTime, "it waited for a client that says nothing");
  for (const socket of [silent, begun]) {
    assert.equal(await socket.read(new Uint8Array(1)).catch(() => null), null);
  }
});

Deno.test("Listener.shutdown() waits until an answer is read whole by who has not begun to", async () => {
  const asked = Promise.withResolvers<void>();
  const listener = await listen(LOOPBACK, () => {
    asked.resolve();
    return Promise.resolve(new Response(new Uint8Array(ANSWER_BYTES)));
  });
  using socket = await connect(listener);
  await socket.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  await asked.promise;
  const ended = listener.shutdown();
  const buffer = new Uint8Array(65_536);
  let read = 0;
  for (let size; (size = await socket.read(buffer)) !== null;) read += size;
  await ended;
  assert.ok(read > ANSWER_BYTES, `${read} bytes have come`);
});
