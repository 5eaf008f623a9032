import assert from "node:assert/strict";
import { listen } from "../../src/listener.ts";

const HEAD = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n";

const echo = async (request: Request) => new Response(await request.text());

async function listening(answers: (request: Request) => Promise<Response> = echo) {
  const seen = Promise.withResolvers<void>();
  const answer = (request: Request) => {
    seen.resolve();
    return answers(request);
  };
  const listener = await listen({ hostname: "127.0.0.1", port: 0 }, { answer, hint: "" });
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port: +new URL(listener.url).port });
  return { listener, seen: seen.promise, connect };
}

const write = (connection: Deno.Conn, text: string) =>
  connection.write(new TextEncoder().encode(text));

async function readAll(connection: Deno.Conn): Promise<string> {
  return await new Response(connection.readable).text();
}

Deno.test("listen() shuts down at once where a connection is open and has asked nothing", async () => {
  const { listener, connect } = await listening();
  const silent = await connect();
  const half = await connect();
  await write(half, HEAD.slice(0, 20));
  // Answered on its own connection, so the server has seen the two before it.
  await (await fetch(listener.url)).body?.cancel();
  await listener.shutdown();
  for (const connection of [silent, half]) assert.equal(await readAll(connection), "");
});

Deno.test("listen() lets a request whose body is on its way be answered before it shuts down", async () => {
  const { listener, seen, connect } = await listening();
  const connection = await connect();
  await write(connection, `${HEAD}O`);
  await seen;
  const ended = listener.shutdown();
  await write(connection, "K");
  assert.match(await readAll(connection), /OK/);
  await ended;
});

Deno.test("listen() waits until an answer is read whole by who has not begun to", async () => {
  // More than the buffers between hold.
  const large = new Uint8Array(16 * 1024 * 1024);
  const { listener, seen, connect } = await listening(() => Promise.resolve(new Response(large)));
  using connection = await connect();
  await write(connection, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await seen;
  const ended = listener.shutdown();
  const buffer = new Uint8Array(65_536);
  let read = 0;
  for (let size; (size = await connection.read(buffer)) !== null;) read += size;
  await ended;
  assert.ok(read > large.length, `${read} bytes have come`);
});

Deno.test("listen() sends a stream in chunks, but not to who speaks HTTP/1.0 and knows none", async () => {
  const events = () => Response.json(null, { headers: { "content-type": "text/event-stream" } });
  const { listener, connect } = await listening(() => Promise.resolve(events()));
  for (const [version, chunked] of [["1.0", false], ["1.1", true]] as const) {
    const connection = await connect();
    await write(connection, `GET / HTTP/${version}\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const answer = await readAll(connection);
    assert.equal(/transfer-encoding: chunked/i.test(answer), chunked, answer);
    assert.match(answer, chunked ? /\r\n4\r\nnull\r\n0\r\n/ : /\r\n\r\nnull$/);
  }
  await listener.shutdown();
});
