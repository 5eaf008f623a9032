/**
 * The door behind a real port: what clients do to sockets, and what the run behind learns of it.
 */
import assert from "node:assert/strict";
import type { Delta } from "../../src/fusion/outcome.ts";
import { ScriptedRun } from "../support/scripted_run.ts";
import { CHAT, chat, door, scripted, served } from "../support/door.ts";
import { until } from "../support/until.ts";

const utf8 = new TextEncoder();

function head(...headers: string[]): string {
  return [`POST ${CHAT} HTTP/1.1`, "host: tutti", ...headers, "", ""].join("\r\n");
}

function rawChat(change: Record<string, unknown> = {}): string {
  const { body } = chat(change);
  return head(`content-length: ${utf8.encode(body as string).length}`) + body;
}

/** A client that writes and reads bytes. */
async function connected(port: number, text: string) {
  const socket = await Deno.connect({ port, hostname: "127.0.0.1" });
  const write = async (more: string) => {
    const bytes = utf8.encode(more);
    for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
  };
  await write(text);
  const buffer = new Uint8Array(65_536);
  let seen = "";
  /** Reads on until what was seen matches. */
  const see = async (pattern: RegExp) => {
    while (!pattern.test(seen)) {
      const read = await socket.read(buffer);
      if (read === null) assert.fail(`The connection ended after ${JSON.stringify(seen)}`);
      seen += new TextDecoder().decode(buffer.subarray(0, read));
    }
    return seen;
  };
  return { write, see, leave: () => socket.close(), [Symbol.dispose]: () => close(socket) };
}

function close(socket: Deno.Conn): void {
  try {
    socket.close();
  } catch { /* closed by the test */ }
}

Deno.test("a streamed request has its headers and first chunk while the run says nothing", async () => {
  const { run, app } = scripted();
  await using server = served(app);
  const response = await fetch(server.url + CHAT, chat({ stream: true }));
  assert.equal(response.status, 200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value!, /"delta":\{"role":"assistant","content":""\}/);
  run.say("Hello");
  assert.match((await reader.read()).value!, /Hello/);
  run.end();
  assert.match((await reader.read()).value!, /\[DONE\]/);
  assert.equal((await reader.read()).done, true);
  assert.deepEqual(run.cancels, []);
});

Deno.test("a streamed answer is not compressed and kept back, whatever the client accepts", async () => {
  const { run, app } = scripted();
  await using server = served(app);
  const headers = { "accept-encoding": "gzip, br", "content-type": "application/json" };
  const response = await fetch(server.url + CHAT, { ...chat({ stream: true }), headers });
  assert.equal(response.headers.get("content-encoding"), null);
  run.end();
  assert.match(await response.text(), /\[DONE\]/);
});

Deno.test("a client that leaves a stream before the first word has its run cancelled", async () => {
  const { run, app, admission } = scripted();
  await using server = served(app);
  using client = await connected(server.port, rawChat({ stream: true }));
  await client.see(/assistant/);
  assert.equal(admission.inFlight, 1);
  client.leave();
  assert.equal(await run.cancelled, "client_left");
  await until(() => admission.inFlight === 0);
  assert.deepEqual(run.cancels, ["client_left"]);
});

Deno.test("a client that leaves in mid-stream has its run cancelled", async () => {
  const { run, app, admission } = scripted();
  await using server = served(app);
  using client = await connected(server.port, rawChat({ stream: true }));
  run.say("Hel");
  await client.see(/Hel/);
  client.leave();
  assert.equal(await run.cancelled, "client_left");
  await until(() => admission.inFlight === 0);
});

Deno.test("a client that leaves before a whole answer has its run cancelled", async () => {
  const { run, app, admission, lines } = scripted();
  await using server = served(app);
  using client = await connected(server.port, rawChat());
  await until(() => admission.inFlight === 1);
  client.leave();
  assert.equal(await run.cancelled, "client_left");
  await until(() => admission.inFlight === 0);
  await until(() => lines.length > 0);
  assert.match(lines[0]!, /outcome=cancelled status=499/);
});

Deno.test("a client that has left before its request is looked at has its run cancelled", async () => {
  for (const stream of [true, false]) {
    const { run, app, admission, started, lines } = scripted();
    const left = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await using server = served({
      async fetch(request) {
        arrived.resolve();
        await left.promise;
        return await app.fetch(request);
      },
    });
    using client = await connected(server.port, rawChat({ stream }));
    await arrived.promise;
    client.leave();
    left.resolve();
    await until(() => lines.length > 0);
    assert.match(lines[0]!, /status=499/);
    assert.equal(run.cancels.length, started.length);
    assert.equal(admission.inFlight, 0);
  }
});

Deno.test("a client that leaves the queue is forgotten and no run is started for it", async () => {
  const { run, app, admission, started } = scripted({ limits: { maxConcurrentRequests: 1 } });
  await using server = served(app);
  using first = await connected(server.port, rawChat());
  await until(() => admission.inFlight === 1);
  using second = await connected(server.port, rawChat({ stream: true }));
  await until(() => admission.queueDepth === 1);
  second.leave();
  await until(() => admission.queueDepth === 0);
  run.end();
  await first.see(/Hello/);
  assert.equal(started.length, 1);
  assert.equal(admission.inFlight, 0);
});

Deno.test("a client that leaves in the middle of its request costs nothing", async () => {
  const { app, started, admission, lines } = scripted();
  await using server = served(app);
  using client = await connected(server.port, `${head("content-length: 1000")}{"model"`);
  client.leave();
  await until(() => lines.length > 0);
  assert.match(lines[0]!, /request refused .* status=400/);
  assert.equal(started.length, 0);
  assert.equal(admission.inFlight, 0);
});

Deno.test("an answered request is not taken for one whose client left", async () => {
  for (const stream of [true, false]) {
    const { run, app, lines } = scripted();
    await using server = served(app);
    run.end();
    await (await fetch(server.url + CHAT, chat({ stream }))).text();
    await until(() => lines.length > 0);
    assert.match(lines[0]!, /status=200/);
    assert.deepEqual(run.cancels, []);
  }
});

Deno.test("a client that does not read slows the run instead of filling memory", async () => {
  const word = "x".repeat(1_000);
  let taken = 0;
  const deltas = new ReadableStream<Delta>({
    pull(controller) {
      taken++;
      controller.enqueue({ choices: [{ delta: { content: word } }] });
    },
  }, { highWaterMark: 0 });
  const run = Object.assign(new ScriptedRun(), { deltas });
  const { app, admission } = door({ startRun: () => run });
  await using server = served(app);
  using client = await connected(server.port, rawChat({ stream: true }));
  await client.see(/xxx/);
  let before = -1;
  await until(() => {
    const isStill = taken === before;
    before = taken;
    return isStill;
  }, "the run to stand still");
  assert.ok(taken < 20_000, `${taken} KB went into buffers`);
  client.leave();
  await until(() => admission.inFlight === 0);
  assert.deepEqual(run.cancels, ["client_left"]);
});

Deno.test("a body announced as too large is refused unread, in OpenAI's shape", async () => {
  const { app, started } = door({ server: { maxBodyBytes: 1_000 } });
  await using server = served(app);
  using client = await connected(server.port, head("content-length: 1001"));
  const seen = await client.see(/\}\}/);
  assert.match(seen, /^HTTP\/1\.1 413 /);
  assert.match(seen, /"type":"invalid_request_error".*"code":"request_too_large"/);
  assert.equal(started.length, 0);
});

Deno.test("a body that turns out too large is refused as soon as it does", async () => {
  const { app, started } = door({ server: { maxBodyBytes: 1_000 } });
  await using server = served(app);
  using client = await connected(server.port, head("transfer-encoding: chunked"));
  await client.write(`320\r\n${"x".repeat(800)}\r\n`);
  await client.write(`320\r\n${"x".repeat(800)}\r\n`);
  assert.match(await client.see(/\}\}/), /^HTTP\/1\.1 413 .*request_too_large/s);
  assert.equal(started.length, 0);

  const body = new Blob(["x".repeat(5_000_000)]).stream();
  const response = await fetch(server.url + CHAT, { method: "POST", body });
  assert.equal(response.status, 413);
  assert.equal((await response.json()).error.code, "request_too_large");
});

Deno.test("a body within the limit is read in whatever pieces it comes", async () => {
  const { app } = door({ server: { maxBodyBytes: 1_000 } });
  await using server = served(app);
  using client = await connected(server.port, head("transfer-encoding: chunked"));
  for (const byte of chat().body as string) await client.write(`1\r\n${byte}\r\n`);
  await client.write("0\r\n\r\n");
  assert.match(await client.see(/\}$/), /^HTTP\/1\.1 200 .*Hello/s);
});

Deno.test("a body that does not arrive in time is refused with 408", async () => {
  const { app, clock } = door({ server: { bodyTimeoutMs: 4_000 } });
  await using server = served(app);
  using client = await connected(server.port, `${head("content-length: 100")}{"mod`);
  await until(() => clock.pending === 1);
  clock.advance(3_999);
  await client.write("el");
  clock.advance(1);
  assert.match(await client.see(/\}\}/), /^HTTP\/1\.1 408 .*request_timeout/s);
  await until(() => clock.pending === 0);
});

Deno.test("a shed request is answered while its body is still on its way", async () => {
  const { app } = door({ limits: { maxConcurrentRequests: 0, queueLimit: 0 } });
  await using server = served(app);
  const response = await fetch(server.url + CHAT, chat({ padding: "x".repeat(500_000) }));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal((await response.json()).error.code, "overloaded");
});
