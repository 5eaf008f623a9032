import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { settled } from "../../support/fake_clock.ts";
import { until } from "../../support/until.ts";
import { chunked, head, http, LAST_CHUNK, RawUpstream } from "../../support/raw_upstream.ts";
import { Caller, callOf, failureOfCall } from "../../support/upstream_calls.ts";

const answer = {
  id: "chatcmpl-1",
  choices: [{
    index: 0,
    message: { role: "assistant", content: "Hello, wörld." },
    finish_reason: "stop",
  }],
  usage: {
    prompt_tokens: 5,
    completion_tokens: 3,
    prompt_tokens_details: { cached_tokens: 2 },
  },
};

Deno.test("UpstreamClient.complete() sends the call, and gives the whole answer", async () => {
  await using upstream = new RawUpstream((to) => to.write(http(answer)));
  const { client, clock } = new Caller(upstream.baseUrl, { key: "sk-secret" });
  const call = callOf({
    messages: `[{"role":"user","content":"ü"}]`,
    params: { temperature: 0.5, model: "another" },
  });
  const completion = await client.complete(call, { clock, signal: new AbortController().signal });
  assert.deepEqual(completion, answer);
  assert.equal(clock.pending, 0);

  const [request] = upstream.requests;
  assert.equal(request!.line, "POST /v1/chat/completions");
  assert.equal(request!.headers.get("authorization"), "Bearer sk-secret");
  assert.equal(request!.headers.get("content-type"), "application/json");
  assert.equal(request!.headers.get("accept-encoding"), "identity");
  assert.deepEqual(request!.body, {
    temperature: 0.5,
    model: "m",
    messages: [{ role: "user", content: "ü" }],
  });
});

Deno.test("UpstreamClient.complete() uses a connection again", async () => {
  await using upstream = new RawUpstream((to) => to.write(http(answer)));
  const caller = new Caller(upstream.baseUrl);
  for (let nth = 0; nth < 3; nth++) await caller.complete();
  assert.equal(upstream.accepted, 1);
  assert.equal(upstream.requests[0]!.headers.has("authorization"), false);
});

Deno.test("UpstreamClient puts its path between a base URL's path and its query", async () => {
  await using upstream = new RawUpstream((to) => to.write(http(answer)));
  for (const path of ["", "/", "/openai/v1/", "/deployments/x?api-version=2024-06-01"]) {
    await new Caller(`http://${upstream.host}${path}`).complete();
  }
  assert.deepEqual(upstream.requests.map(({ line }) => line), [
    "POST /chat/completions",
    "POST /chat/completions",
    "POST /openai/v1/chat/completions",
    "POST /deployments/x/chat/completions?api-version=2024-06-01",
  ]);
});

const readable: [name: string, bytes: (string | Uint8Array)[]][] = [
  ["in chunks", [
    head({ "transfer-encoding": "chunked" }),
    ...[...JSON.stringify(answer)].map(chunked),
    LAST_CHUNK,
  ]],
  ["in chunks that part a character", [
    head({ "transfer-encoding": "chunked" }),
    ...[...new TextEncoder().encode(JSON.stringify(answer))].map((byte) =>
      chunked(new Uint8Array([byte]))
    ),
    LAST_CHUNK,
  ]],
  ["after a byte order mark", [http(`\ufeff${JSON.stringify(answer)}`)]],
  ["with an encoding that is none", [
    http(answer, { headers: { "content-encoding": "Identity" } }),
  ]],
  ["as another media type", [http(answer, { headers: { "content-type": "text/plain" } })]],
];
for (const [name, bytes] of readable) {
  Deno.test(`UpstreamClient.complete() reads an answer ${name}`, async () => {
    await using upstream = new RawUpstream(async (to) => {
      for (const each of bytes) await to.write(each);
    });
    assert.deepEqual(await new Caller(upstream.baseUrl).complete(), answer);
  });
}

Deno.test("UpstreamClient.complete() reads an answer that ends with the connection", async () => {
  await using upstream = new RawUpstream(async (to) => {
    await to.write(head({ connection: "close" }) + JSON.stringify(answer));
    to.close();
  });
  assert.deepEqual(await new Caller(upstream.baseUrl).complete(), answer);
});

Deno.test("UpstreamClient.complete() reads invalid UTF-8 as replacement characters", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(answer).replace("wörld", "w?rld"));
  bytes[bytes.indexOf("?".charCodeAt(0))] = 0xff;
  await using upstream = new RawUpstream(async (to) => {
    await to.write(head({ "content-length": String(bytes.length) }));
    await to.write(bytes);
  });
  const { choices } = await new Caller(upstream.baseUrl).complete();
  assert.equal(choices[0]!.message.content, "Hello, w\ufffdrld.");
});

// ---- What ends a call

Deno.test("UpstreamClient.complete() ends at its time limit before the headers", async () => {
  const asked = Promise.withResolvers<void>();
  await using upstream = new RawUpstream(async (to) => {
    asked.resolve();
    await to.left;
  });
  const caller = new Caller(upstream.baseUrl);
  const failing = failureOfCall(caller.complete({ timeoutAt: caller.clock.now() + 500 }));
  await asked.promise;
  await caller.clock.advance(499);
  assert.equal(caller.clock.pending, 1);
  await caller.clock.advance(1);
  assert.deepEqual(await failing, {
    code: "timeout",
    source: "upstream",
    retryable: true,
    message: "Upstream did not answer in time",
  });
});

Deno.test("UpstreamClient.complete() ends at its time limit in the middle of a body", async () => {
  for (const framing of ["content-length: 1000", "transfer-encoding: chunked"]) {
    const written = Promise.withResolvers<void>();
    await using upstream = new RawUpstream(async (to) => {
      await to.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
      await to.write(framing.startsWith("transfer") ? chunked("{") : "{");
      written.resolve();
      await to.left;
    });
    const caller = new Caller(upstream.baseUrl);
    const failing = failureOfCall(caller.complete({ timeoutAt: caller.clock.now() + 500 }));
    await written.promise;
    await settled(500);
    await caller.clock.advance(500);
    assert.equal((await failing).code, "timeout");
    assert.equal(caller.clock.pending, 0);
  }
});

Deno.test("UpstreamClient.complete() ends when the ask is cancelled, and closes the socket", async () => {
  for (const before of ["", head({ "content-length": "1000" }) + "{"]) {
    const written = Promise.withResolvers<void>();
    await using upstream = new RawUpstream(async (to) => {
      await to.write(before);
      written.resolve();
      await to.left;
    });
    const caller = new Caller(upstream.baseUrl);
    const abort = new AbortController();
    const failing = failureOfCall(
      caller.complete({ timeoutAt: caller.clock.now() + 500 }, abort.signal),
    );
    await written.promise;
    await settled(500);
    abort.abort("quorum");
    assert.deepEqual(await failing, {
      code: "cancelled",
      source: "gateway",
      retryable: false,
      message: "Cancelled",
    });
    // Time that runs out later changes nothing.
    assert.equal(caller.clock.pending, 0);
  }
});

Deno.test("UpstreamClient.complete() of a cancelled ask calls nobody", async () => {
  await using upstream = new RawUpstream((to) => to.write(http(answer)));
  const caller = new Caller(upstream.baseUrl);
  const failure = await failureOfCall(caller.complete({}, AbortSignal.abort()));
  assert.equal(failure.code, "cancelled");
  assert.equal(upstream.requests.length, 0);
});

Deno.test("UpstreamClient leaves nothing behind on the ask's signal", async () => {
  await using upstream = new RawUpstream((to, _, nth) =>
    to.write(nth === 1 ? http(answer) : http("none"))
  );
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening--;
    remove(...args);
  };
  const caller = new Caller(upstream.baseUrl);
  await caller.complete({}, signal);
  await failureOfCall(caller.complete({}, signal));
  assert.equal(listening, 0);
});

Deno.test("UpstreamClient names what came first: the limit, the cancel or the network", async () => {
  const asked: (() => void)[] = [];
  await using upstream = new RawUpstream(async (to) => {
    asked.shift()!();
    await to.left;
  });
  const caller = new Caller(upstream.baseUrl);
  const begin = async (abort: AbortController) => {
    const seen = new Promise<void>((resolve) => asked.push(resolve));
    const failing = failureOfCall(
      caller.complete({ timeoutAt: caller.clock.now() + 500 }, abort.signal),
    );
    await seen;
    return failing;
  };
  {
    const abort = new AbortController();
    const failing = begin(abort);
    await settled(500);
    void caller.clock.advance(500).then(() => abort.abort());
    assert.equal((await failing).code, "timeout");
  }
  {
    const abort = new AbortController();
    const failing = begin(abort);
    await settled(500);
    abort.abort();
    await caller.clock.advance(500);
    assert.equal((await failing).code, "cancelled");
  }
});

const brokenOff: [name: string, bytes: string][] = [
  ["without a word", ""],
  ["in the status line", "HTTP/1.1 2"],
  ["in the headers", "HTTP/1.1 200 OK\r\ncontent-le"],
  ["in a declared body", head({ "content-length": "1000" }) + "{"],
  ["in a chunked body", head({ "transfer-encoding": "chunked" }) + "1\r\n{\r\n"],
  ["in a chunk", head({ "transfer-encoding": "chunked" }) + "ff\r\n{"],
];
for (const [name, bytes] of brokenOff) {
  Deno.test(`UpstreamClient.complete() that is broken off ${name} fails as connect`, async () => {
    await using upstream = new RawUpstream(async (to) => {
      await to.write(bytes);
      to.close();
    });
    assert.deepEqual(await failureOfCall(new Caller(upstream.baseUrl).complete()), {
      code: "connect",
      source: "upstream",
      retryable: true,
      message: "Connection to the upstream failed or broke off",
    });
  });
}

const garbled: [name: string, bytes: string][] = [
  ["is not HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
  ["has garbage for chunks", head({ "transfer-encoding": "chunked" }) + "zz\r\n{}\r\n0\r\n\r\n"],
  ["has garbage for a length", head({ "content-length": "many" }) + "{}"],
  [
    "has two lengths",
    head({ "content-length": "2" }).replace("\r\n\r\n", "\r\ncontent-length: 9\r\n\r\n") + "{}",
  ],
  ["has a megabyte of headers", head({ "x-much": "x".repeat(1_000_000) }) + "{}"],
  [
    "has ten thousand headers",
    head(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`x-${at}`, "1"]))),
  ],
];
for (const [name, bytes] of garbled) {
  Deno.test(`UpstreamClient.complete() whose answer ${name} fails as connect`, async () => {
    await using upstream = new RawUpstream(async (to) => {
      await to.write(bytes);
      await to.left;
    });
    assert.equal((await failureOfCall(new Caller(upstream.baseUrl).complete())).code, "connect");
  });
}

Deno.test("UpstreamClient.complete() fails as connect where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const failure = await failureOfCall(new Caller(`http://127.0.0.1:${port}/v1`).complete());
  assert.equal(failure.code, "connect");
});

Deno.test("UpstreamClient.complete() fails as connect where the name is nobody's", async () => {
  const failure = await failureOfCall(new Caller("http://nobody.invalid/v1").complete());
  assert.equal(failure.code, "connect");
  assert.equal(failure.retryable, true);
});

// ---- Answers that are none

Deno.test("UpstreamClient follows no redirect", async () => {
  await using elsewhere = new RawUpstream((to) => to.write(http(answer)));
  for (const status of [301, 302, 303, 307, 308]) {
    await using upstream = new RawUpstream((to) =>
      to.write(http("", { status, headers: { location: elsewhere.baseUrl } }))
    );
    const failure = await failureOfCall(new Caller(upstream.baseUrl).complete());
    assert.deepEqual([failure.code, failure.status], ["malformed", status]);
    assert.equal(failure.retryable, false);
  }
  assert.equal(elsewhere.requests.length, 0);
});

Deno.test("UpstreamClient.complete() does not unpack what is compressed unasked", async () => {
  const packed = gzipSync(JSON.stringify({ ...answer, pad: " ".repeat(100_000) }));
  for (const framing of ["declared", "chunked"]) {
    await using upstream = new RawUpstream(async (to) => {
      await to.write(head({
        "content-encoding": "gzip",
        ...(framing === "declared"
          ? { "content-length": String(packed.length) }
          : { "transfer-encoding": "chunked" }),
      }));
      await to.write(framing === "declared" ? packed : chunked(packed));
      await to.left;
    });
    const failure = await failureOfCall(new Caller(upstream.baseUrl).complete());
    assert.equal(failure.code, "malformed");
  }
});

Deno.test("UpstreamClient.complete() reads a body up to its limit and none past it", async () => {
  const body = JSON.stringify(answer);
  const length = new TextEncoder().encode(body).length;
  for (const framing of ["declared", "undeclared"]) {
    await using upstream = new RawUpstream(async (to) => {
      if (framing === "declared") await to.write(http(body));
      else {
        await to.write(head({ "transfer-encoding": "chunked" }));
        await to.write(chunked(body));
        await to.write(LAST_CHUNK);
      }
    });
    const caller = (maxBodyBytes: number) => new Caller(upstream.baseUrl, { maxBodyBytes });
    assert.deepEqual(await caller(length).complete(), answer);
    assert.deepEqual(await failureOfCall(caller(length - 1).complete()), {
      code: "too_large",
      source: "upstream",
      retryable: false,
      message: "Upstream's answer is too large",
    });
  }
});

Deno.test("UpstreamClient.complete() stops an endless body at its limit", async () => {
  await using upstream = new RawUpstream(async (to) => {
    await to.write(head({ "transfer-encoding": "chunked" }));
    let left = false;
    void to.left.then(() => left = true);
    while (!left) await to.write(chunked(" ".repeat(10_000)));
  });
  const failure = await failureOfCall(
    new Caller(upstream.baseUrl, { maxBodyBytes: 50_000 }).complete(),
  );
  assert.equal(failure.code, "too_large");
});

const unreadable: [name: string, body: unknown][] = [
  ["is empty", ""],
  ["is no JSON", "<html>"],
  ["is half of one", `{"choices":[`],
  ["is null", null],
  ["is a list", []],
  ["has no choices", {}],
  ["has an empty list of choices", { choices: [] }],
  ["has a choice without a message", { choices: [{ index: 0 }] }],
  ["has a message whose content is a number", { choices: [{ message: { content: 5 } }] }],
];
for (const [name, body] of unreadable) {
  Deno.test(`UpstreamClient.complete() whose answer ${name} fails as malformed`, async () => {
    await using upstream = new RawUpstream((to) => to.write(http(body)));
    assert.deepEqual(await failureOfCall(new Caller(upstream.baseUrl).complete()), {
      code: "malformed",
      source: "upstream",
      retryable: true,
      message: "Upstream's answer cannot be read",
    });
  });
}

const tolerated: [name: string, choice: object][] = [
  ["without content", { message: { role: "assistant", content: null }, finish_reason: "stop" }],
  ["without an index", { message: { content: "x" } }],
  ["with tool calls", { message: { content: null, tool_calls: [{ id: "1" }] } }],
];
for (const [name, choice] of tolerated) {
  Deno.test(`UpstreamClient.complete() takes a choice ${name}`, async () => {
    await using upstream = new RawUpstream((to) => to.write(http({ choices: [choice] })));
    assert.deepEqual(await new Caller(upstream.baseUrl).complete(), { choices: [choice] });
  });
}

// ---- Errors that the upstream tells

Deno.test("UpstreamClient gives an error status as it is, with the upstream's code", async () => {
  const cases: [status: number, code: string, retryable: boolean][] = [
    [400, "http_400", false],
    [401, "http_401", false],
    [403, "http_403", false],
    [404, "http_404", false],
    [408, "http_4xx", true],
    [422, "http_4xx", false],
    [429, "http_429", true],
    [500, "http_5xx", true],
    [503, "http_5xx", true],
    [529, "http_5xx", true],
  ];
  for (const [status, code, retryable] of cases) {
    await using upstream = new RawUpstream((to) =>
      to.write(http({ error: { message: "told", code: "context_length_exceeded" } }, { status }))
    );
    assert.deepEqual(await failureOfCall(new Caller(upstream.baseUrl).complete()), {
      code,
      source: "upstream",
      retryable,
      message: `Upstream answered ${status}`,
      status,
      upstreamCode: "context_length_exceeded",
    });
    assert.equal(upstream.requests.length, 1);
  }
});

Deno.test("UpstreamClient knows an error by its status when its body hangs or does not end", async () => {
  for (const framing of ["hangs", "is endless", "is cut"]) {
    await using upstream = new RawUpstream(async (to) => {
      await to.write(head({ "transfer-encoding": "chunked" }, 503));
      let left = framing !== "is endless";
      void to.left.then(() => left = true);
      while (!left) await to.write(chunked(" ".repeat(10_000)));
      if (framing === "is cut") to.close();
      await to.left;
    });
    const caller = new Caller(upstream.baseUrl);
    const failing = failureOfCall(caller.complete({ timeoutAt: caller.clock.now() + 60_000 }));
    // The body's own limit is set when the headers have come.
    if (framing === "hangs") {
      await until(() => caller.clock.pending === 2);
      await caller.clock.advance(1_000);
    }
    assert.deepEqual([(await failing).code, (await failing).status], ["http_5xx", 503], framing);
  }
});

Deno.test("UpstreamClient takes an error object in a good answer for what it says", async () => {
  const cases: [body: object, code: string, upstreamCode?: string][] = [
    [{ error: { message: "m", code: 429 } }, "http_429"],
    [{ error: { message: "m", code: "400" } }, "http_400"],
    [{ error: { message: "m", code: "server_error" }, choices: [] }, "http_5xx", "server_error"],
    [{ error: { message: "m", code: null } }, "http_5xx"],
    [{ error: "m", code: "overloaded" }, "http_5xx", "overloaded"],
    [{ object: "error", message: "m", code: 404 }, "http_404"],
  ];
  for (const [body, code, upstreamCode] of cases) {
    await using upstream = new RawUpstream((to) => to.write(http(body)));
    const failure = await failureOfCall(new Caller(upstream.baseUrl).complete());
    assert.deepEqual([failure.code, failure.upstreamCode], [code, upstreamCode]);
  }
});

Deno.test("UpstreamClient.complete() takes an answer with an empty error for an answer", async () => {
  await using upstream = new RawUpstream((to) => to.write(http({ ...answer, error: null })));
  assert.deepEqual(await new Caller(upstream.baseUrl).complete(), { ...answer, error: null });
});

Deno.test("UpstreamClient fails a call to a backend that it does not know", async () => {
  const failure = await failureOfCall(new Caller("http://127.0.0.1:9").complete({ backend: "x" }));
  assert.equal(failure.code, "http_404");
});
