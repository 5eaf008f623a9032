/**
 * Clients that leave, dawdle, hurry or send nonsense, on real sockets: what they get, what the
 * upstreams notice of it, and that nobody else does.
 */
import assert from "node:assert/strict";
import type { Script } from "../../src/simulation/behaviour.ts";
import { Bystanders } from "../support/bystanders.ts";
import { chatHead, rawChat, RawClient } from "../support/raw_client.ts";
import { QUESTION, type ServedOptions } from "../support/served_gateway.ts";
import { until } from "../support/until.ts";

/** The faulty client's request; the upstream knows it by its `user`. */
const REQUEST = { model: "fusion/test", messages: QUESTION, user: "faulty" };

/** A gateway for bystanders, and what its upstream does for the faulty client. */
function faulty(script: Script, options: ServedOptions = {}): Promise<Bystanders> {
  return Bystanders.start({
    ...options,
    script: (request) => request.body.user === REQUEST.user ? script(request) : undefined,
  });
}

/** Resolves when the far end has seen each call of these models for the faulty client be broken off. */
async function abortedAt({ gateway }: Bystanders, models: readonly string[]): Promise<void> {
  for (const model of models) {
    await gateway.upstream.waitFor((each) =>
      each.model === model && each.body.user === REQUEST.user && each.endedAs === "aborted"
    );
  }
}

/** Places in use beyond the bystanders' are given back. */
async function assertLeft({ gateway }: Bystanders) {
  await until(
    () => gateway.lines.some((line) => line.includes("outcome=cancelled")),
    "the run to be logged",
  );
  assert.match(await gateway.metrics(), /^tutti_in_flight 4$/m);
}

for (const stream of [false, true]) {
  const how = stream ? "streamed" : "whole";
  Deno.test(`a client that leaves before the first byte takes its calls with it: ${how}`, async () => {
    await using bystanders = await faulty(() => ({ hang: "headers" }));
    await bystanders.unharmedBy(async () => {
      using client = await RawClient.connect(bystanders.gateway.url);
      await client.write(rawChat({ ...REQUEST, stream }));
      for (const model of ["a", "b", "c"]) {
        await bystanders.gateway.upstream.waitFor((each) =>
          each.model === model && each.body.user === REQUEST.user
        );
      }
      client.leave();
      await abortedAt(bystanders, ["a", "b", "c"]);
      await assertLeft(bystanders);
    });
  });
}

const SSE = { "content-type": "text/event-stream" };

function said(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
}

Deno.test("a client that leaves in mid-stream takes its call with it", async () => {
  await using bystanders = await faulty(({ model }) =>
    model === "synth"
      ? { chunks: [said("Zürich"), said(" is")], headers: SSE, hang: "body" }
      : undefined
  );
  await bystanders.unharmedBy(async () => {
    using client = await RawClient.connect(bystanders.gateway.url);
    await client.write(rawChat({ ...REQUEST, stream: true }));
    await client.see(/Zürich/);
    client.leave();
    await abortedAt(bystanders, ["synth"]);
    await assertLeft(bystanders);
  });
});

const MB = 2 ** 20;
/** What the dawdler's upstream would write. */
const ENDLESS_MB = 400;

function* endless(): Generator<string> {
  const piece = said("x".repeat(16 * 1024));
  for (let sent = 0; sent < ENDLESS_MB * MB; sent += piece.length) yield piece;
}

Deno.test("a client that reads byte by byte slows its upstream to that, and fills no memory", async () => {
  await using bystanders = await faulty(({ model }) =>
    model === "synth" ? { chunks: endless(), headers: SSE } : undefined
  );
  await bystanders.unharmedBy(async () => {
    const before = Deno.memoryUsage().rss;
    using client = await RawClient.connect(bystanders.gateway.url);
    await client.write(rawChat({ ...REQUEST, stream: true }));
    const call = await bystanders.gateway.upstream.waitFor((each) =>
      each.model === "synth" && each.body.user === REQUEST.user && each.bytesSent > 0
    );
    const stoodAt: number[] = [];
    for (let bytes = 0; bytes < 3; bytes++) {
      assert.ok(await client.read(1));
      stoodAt.push(await whereItStands(() => call.bytesSent));
    }
    assert.equal(client.seen, "HTT");
    // It is the buffers of three sockets that are full, not the gateway: 6 MB each at most.
    assert.ok(stoodAt.every((bytes) => bytes < 32 * MB), `${stoodAt} bytes`);
    assert.equal(stoodAt[0], stoodAt[2]);
    const grownMb = (Deno.memoryUsage().rss - before) / MB;
    assert.ok(grownMb < 150, `${grownMb} MB`);
    client.leave();
    await abortedAt(bystanders, ["synth"]);
    await assertLeft(bystanders);
  });
});

const PAUSE_MS = 400;

/** The count once the reader's pause has passed without its growing: that it stands is the fact here. */
async function whereItStands(count: () => number): Promise<number> {
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return count();
}

Deno.test("a client whose body does not come is refused with 408, and its connection closed", async () => {
  await using bystanders = await faulty(() => undefined, { server: "body_timeout_ms = 300" });
  for (const headers of ["content-length: 1000\r\n", "transfer-encoding: chunked\r\n"]) {
    await bystanders.unharmedBy(async () => {
      const before = bystanders.gateway.upstream.totals.requests;
      using client = await RawClient.connect(bystanders.gateway.url);
      await client.write(chatHead(headers));
      if (headers.includes("chunked")) await client.write('8\r\n{"model"\r\n');
      else await client.write('{"model"');
      const seen = await client.seeEnd();
      assert.match(seen, /^HTTP\/1\.1 408 /);
      assert.match(seen, /"type":"invalid_request_error".*"code":"request_timeout"/);
      assert.equal(bystanders.gateway.upstream.totals.requests, before);
    });
  }
});

Deno.test("a client that pipelines gets its answers whole and in order", async () => {
  await using bystanders = await faulty(({ model, body }) =>
    model === "synth" ? { answer: `Answer ${body.seed}` } : undefined
  );
  await bystanders.unharmedBy(async () => {
    using client = await RawClient.connect(bystanders.gateway.url);
    const [first, second, third] = [1, 2, 3].map((seed) =>
      rawChat({ ...REQUEST, seed, stream: seed === 2 }, seed === 3 ? "connection: close\r\n" : "")
    );
    await client.write(`${first}${second}GET /healthz HTTP/1.1\r\nhost: tutti\r\n\r\n${third}`);
    const seen = await client.seeEnd();
    const order = seen.match(/Answer \d|\[DONE\]|"status":"ok"|HTTP\/1\.1 \d+/g);
    assert.deepEqual(
      order?.filter((each) => each.startsWith("HTTP")),
      Array(4).fill("HTTP/1.1 200"),
    );
    assert.match(seen, /Answer 1.*\[DONE\].*"status":"ok".*Answer 3/s);
    assert.equal(seen.match(/\[DONE\]/g)?.length, 1);
  });
});

Deno.test("a client that sends 10,000 headers is refused with 431, and its connection closed", async () => {
  await using bystanders = await faulty(() => undefined);
  await bystanders.unharmedBy(async () => {
    const before = bystanders.gateway.upstream.totals.requests;
    using client = await RawClient.connect(bystanders.gateway.url);
    const headers = Array.from({ length: 10_000 }, (_, at) => `x-padding-${at}: ${at}\r\n`).join(
      "",
    );
    await client.write(rawChat(REQUEST, headers));
    assert.match(await client.seeEnd(), /^HTTP\/1\.1 431 /);
    assert.equal(bystanders.gateway.upstream.totals.requests, before);
  });
});
