import assert from "node:assert/strict";
import { settled } from "../../support/fake_clock.ts";
import { until } from "../../support/until.ts";
import {
  chunked,
  head,
  http,
  LAST_CHUNK,
  RawUpstream,
  SSE_HEAD,
} from "../../support/raw_upstream.ts";
import { Caller } from "../../support/upstream_calls.ts";

const delta = (content: string, index = 0) =>
  JSON.stringify({ choices: [{ index, delta: { content }, finish_reason: null }] });
const finish = (index = 0) =>
  JSON.stringify({ choices: [{ index, delta: {}, finish_reason: "stop" }] });
const usage = JSON.stringify({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 2 } });
const event = (data: string, end = "\n") => `data: ${data}${end}${end}`;

/** An upstream that answers with these pieces, each a chunk of its own, and ends the body. */
function streaming(...pieces: (string | Uint8Array)[]): RawUpstream {
  return new RawUpstream(async (to) => {
    await to.write(SSE_HEAD);
    for (const piece of pieces) await to.write(chunked(piece));
    await to.write(LAST_CHUNK);
  });
}

const whole = [delta("Hel"), delta("lo"), finish(), usage, "[DONE]"];

Deno.test("UpstreamClient.stream() asks for a stream with usage, and gives it chunk by chunk", async () => {
  await using upstream = streaming(...whole.map((data) => event(data)));
  const caller = new Caller(upstream.baseUrl);
  const { chunks, text, failure } = await caller.stream({ params: { temperature: 1 } });
  assert.equal(failure, undefined);
  assert.equal(text, "Hello");
  assert.deepEqual(chunks.map((chunk) => JSON.stringify(chunk)), whole.slice(0, 4));
  const { messages: _, ...sent } = upstream.requests[0]!.body;
  assert.deepEqual(sent, {
    temperature: 1,
    stream: true,
    stream_options: { include_usage: true },
    model: "m",
  });
  assert.equal(caller.clock.pending, 0);
});

Deno.test("UpstreamClient.stream() uses a connection again after a stream", async () => {
  await using upstream = streaming(...whole.map((data) => event(data)));
  const caller = new Caller(upstream.baseUrl);
  for (let nth = 0; nth < 3; nth++) {
    assert.equal((await caller.stream()).text, "Hello");
    await settled();
  }
  assert.equal(upstream.accepted, 1);
});

const bytesOf = (text: string) => [...new TextEncoder().encode(text)];
const framings: [name: string, pieces: (string | Uint8Array)[]][] = [
  ["LF", whole.map((data) => event(data))],
  ["CRLF", whole.map((data) => event(data, "\r\n"))],
  ["CR", whole.map((data) => event(data, "\r"))],
  ["no space after the colon", whole.map((data) => `data:${data}\n\n`)],
  ["everything in one piece", [whole.map((data) => event(data)).join("")]],
  [
    "a byte at a time",
    bytesOf(whole.map((data) => event(data, "\r\n")).join("")).map((byte) =>
      new Uint8Array([byte])
    ),
  ],
  ["a byte order mark", [`\ufeff${whole.map((data) => event(data)).join("")}`]],
  ["comments for keepalive", whole.map((data) => `: ping\n\n:\n\n${event(data)}`)],
  [
    "ids, types and retries",
    whole.map((data) => `id: 7\nretry: 5\nevent: message\n${event(data)}`),
  ],
  ["unknown fields", whole.map((data) => `foo: bar\n${event(data)}`)],
  ["data in several lines", whole.map((data) => event(data.replace(",", ",\ndata: ")))],
  ["no [DONE]", whole.slice(0, 4).map((data) => event(data))],
  ["no [DONE] and no usage", whole.slice(0, 3).map((data) => event(data))],
  ["no finish_reason", [...whole.slice(0, 2), "[DONE]"].map((data) => event(data))],
  ["something after [DONE]", [...whole, "garbage", delta("!")].map((data) => event(data))],
];
for (const [name, pieces] of framings) {
  Deno.test(`UpstreamClient.stream() reads a stream with ${name}`, async () => {
    await using upstream = streaming(...pieces);
    const { text, failure } = await new Caller(upstream.baseUrl).stream();
    assert.deepEqual([text, failure], ["Hello", undefined]);
  });
}

Deno.test("UpstreamClient.stream() reads a character that comes in two pieces", async () => {
  const bytes = new TextEncoder().encode(event(delta("ü")) + event(finish()));
  const at = bytes.indexOf(0xc3) + 1;
  await using upstream = streaming(bytes.subarray(0, at), bytes.subarray(at));
  assert.equal((await new Caller(upstream.baseUrl).stream()).text, "ü");
});

Deno.test("UpstreamClient.stream() passes each piece on before the next one comes", async () => {
  const next: (() => void)[] = [];
  const seen: string[] = [];
  await using upstream = new RawUpstream(async (to) => {
    await to.write(SSE_HEAD);
    for (const data of whole) {
      await to.write(chunked(event(data)));
      if (data !== "[DONE]") await new Promise<void>((resolve) => next.push(resolve));
    }
    await to.write(LAST_CHUNK);
  });
  await new Caller(upstream.baseUrl).stream({}, {
    onChunks: (chunks) => {
      seen.push(...chunks.map((chunk) => JSON.stringify(chunk)));
      assert.deepEqual(seen, whole.slice(0, seen.length));
      next.shift()!();
    },
  });
  assert.equal(seen.length, 4);
});

Deno.test("UpstreamClient.stream() reads no more while its reader is not done", async () => {
  let written = 0;
  await using upstream = new RawUpstream(async (to) => {
    await to.write(SSE_HEAD);
    let left = false;
    void to.left.then(() => left = true);
    while (!left) {
      await to.write(chunked(event(delta("x".repeat(100_000)))));
      written++;
    }
  });
  const abort = new AbortController();
  const reading = Promise.withResolvers<void>();
  const streaming = new Caller(upstream.baseUrl).stream({}, {
    signal: abort.signal,
    onChunks: () => {
      reading.resolve();
      return new Promise(() => {});
    },
  });
  await reading.promise;
  // The sockets' and the client's buffers fill; then nothing moves.
  let before = -1;
  while (before !== written) {
    before = written;
    await settled(5_000);
  }
  abort.abort();
  assert.equal((await streaming).failure?.code, "cancelled");
  assert.ok(written < 200, `${written} pieces of 100 KB`);
});

Deno.test("UpstreamClient.stream() ends soon after [DONE] where the body does not", async () => {
  await using upstream = new RawUpstream(async (to) => {
    await to.write(SSE_HEAD);
    for (const data of whole) await to.write(chunked(event(data)));
    await to.left;
  });
  const caller = new Caller(upstream.baseUrl);
  const streaming = caller.stream({ timeoutAt: caller.clock.now() + 60_000 });
  // What is left of the body has a limit of its own.
  await until(() => caller.clock.pending === 2);
  await caller.clock.advance(50);
  const { text, failure } = await streaming;
  assert.deepEqual([text, failure], ["Hello", undefined]);
  assert.equal(caller.clock.pending, 0);
});

Deno.test("UpstreamClient.stream() ends at its limit or cancel, also while its reader is busy", async () => {
  for (const busy of [false, true]) {
    for (const code of ["timeout", "cancelled"]) {
      await using upstream = new RawUpstream(async (to) => {
        await to.write(SSE_HEAD);
        await to.write(chunked(event(delta("Hel"))));
        await to.left;
      });
      const caller = new Caller(upstream.baseUrl);
      const abort = new AbortController();
      const read = Promise.withResolvers<void>();
      const streaming = caller.stream({ timeoutAt: caller.clock.now() + 500 }, {
        signal: abort.signal,
        onChunks: () => {
          read.resolve();
          if (busy) return new Promise(() => {});
        },
      });
      await read.promise;
      if (code === "timeout") await caller.clock.advance(500);
      else abort.abort();
      const { text, failure } = await streaming;
      assert.deepEqual([text, failure?.code], ["Hel", code]);
      assert.equal(caller.clock.pending, 0);
    }
  }
});

Deno.test("UpstreamClient.stream() takes a stream that ends early for no answer", async () => {
  const early: string[][] = [
    [],
    [event(delta("Hel"))],
    [event(delta("Hel")), event(usage)],
    // An event that no blank line closes is none: it may be half of one.
    [event(delta("Hel")), `data: ${finish()}\n`],
    [event(delta("Hel")), `data: {"choi`],
  ];
  for (const pieces of early) {
    for (const end of ["ends", "is cut"]) {
      await using upstream = new RawUpstream(async (to) => {
        await to.write(SSE_HEAD);
        for (const piece of pieces) await to.write(chunked(piece));
        if (end === "ends") await to.write(LAST_CHUNK);
        else to.close();
      });
      const { failure } = await new Caller(upstream.baseUrl).stream();
      assert.equal(failure?.code, "connect");
      assert.equal(failure?.retryable, true);
    }
  }
});

Deno.test("UpstreamClient.stream() that is cut fails, whether or not the answer had finished", async () => {
  await using upstream = new RawUpstream(async (to) => {
    await to.write(SSE_HEAD + "5\r\ndata:");
    to.close();
  });
  assert.equal((await new Caller(upstream.baseUrl).stream()).failure?.code, "connect");
});

Deno.test("UpstreamClient.stream() of several choices is finished when all of them are", async () => {
  const two = [delta("a"), delta("b", 1), finish(1)].map((data) => event(data));
  for (
    const [pieces, code] of [[two, "connect"], [[...two, event(finish(0))], undefined]] as const
  ) {
    await using upstream = streaming(...pieces);
    const { failure } = await new Caller(upstream.baseUrl).stream({ params: { n: 2 } });
    assert.equal(failure?.code, code);
  }
});

Deno.test("UpstreamClient.stream() fails on an error in the stream, in any of its shapes", async () => {
  const errors: [piece: string, code: string][] = [
    [event(`{"error":{"message":"m","type":"server_error","code":null}}`), "http_5xx"],
    [
      event(
        `{"error":{"message":"m","code":429},"choices":[{"delta":{},"finish_reason":"error"}]}`,
      ),
      "http_429",
    ],
    [event(`{"object":"error","message":"m","code":400}`), "http_400"],
    [`event: error\n${event(`{"message":"m","code":503}`)}`, "http_5xx"],
    [event(`{"error":"m"}`), "http_5xx"],
  ];
  for (const [piece, code] of errors) {
    await using upstream = streaming(event(delta("Hel")), piece, event("[DONE]"));
    const { text, failure } = await new Caller(upstream.baseUrl).stream();
    assert.deepEqual([text, failure?.code], ["Hel", code]);
  }
});

Deno.test("UpstreamClient.stream() fails as malformed on an event that is no chunk", async () => {
  for (const data of ["garbage", "5", "null", `{"choices":5}`, `{"choices":[{"delta":"x"}]}`]) {
    await using upstream = streaming(event(delta("Hel")), event(data));
    const { failure } = await new Caller(upstream.baseUrl).stream();
    assert.equal(failure?.code, "malformed", data);
  }
});

Deno.test("UpstreamClient.stream() keeps its limits for events and for the stream", async () => {
  const long = "x".repeat(600_000);
  const cases: [name: string, pieces: string[], maxBodyBytes: number, code?: string][] = [
    ["an event within the limit", [event(delta(long)), event(finish())], 2_000_000],
    ["an event past it", [event(delta(long + long))], 4_000_000, "too_large"],
    ["an event past it that never ends", [`data: ${long}`, long], 4_000_000, "too_large"],
    [
      "lines that never end an event",
      [`data: ${long}\n`, `data: ${long}\n`],
      4_000_000,
      "too_large",
    ],
    ["a stream past its limit", [event(delta(long)), event(delta(long))], 1_000_000, "too_large"],
    ["comments past it", [`: ${long}\n`, `: ${long}\n`], 1_000_000, "too_large"],
  ];
  for (const [name, pieces, maxBodyBytes, code] of cases) {
    await using upstream = streaming(...pieces);
    const { failure } = await new Caller(upstream.baseUrl, { maxBodyBytes }).stream();
    assert.equal(failure?.code, code, name);
  }
});

Deno.test("UpstreamClient.stream() fails on an error status, and on what is no stream", async () => {
  const cases: [answer: string, code: string][] = [
    [http({ error: { code: "insufficient_quota" } }, { status: 429 }), "http_429"],
    [http({ error: { message: "m", code: 503 } }), "http_5xx"],
    [head({ "content-encoding": "gzip", "content-length": "4" }) + "abcd", "malformed"],
  ];
  for (const [answer, code] of cases) {
    await using upstream = new RawUpstream((to) => to.write(answer));
    assert.equal((await new Caller(upstream.baseUrl).stream()).failure?.code, code);
  }
});

Deno.test("UpstreamClient.stream() throws what its reader throws, and closes the socket", async () => {
  await using upstream = new RawUpstream(async (to) => {
    await to.write(SSE_HEAD);
    await to.write(chunked(event(delta("Hel"))));
    await to.left;
  });
  const streaming = new Caller(upstream.baseUrl).stream({}, {
    onChunks: () => {
      throw new RangeError("A fault of ours");
    },
  });
  await assert.rejects(streaming, RangeError);
});
