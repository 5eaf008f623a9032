import { createClient } from "@redis/client";
import assert from "node:assert/strict";
import { guardedStore, type GuardOptions } from "../../src/store/guarded_store.ts";
import { openLedger } from "../../src/store/open_store.ts";
import { redisBackend, type RedisOptions } from "../../src/store/redis_backend.ts";
import { connect } from "../../src/store/redis_connection.ts";
import type { Store, StoreEvent } from "../../src/store/store.ts";
import { backendContract, type EmptyStore } from "./backend_contract.ts";
import { Child } from "./child_process.ts";
import { noRedis, RedisServer } from "./redis_server.ts";

const clock = { now: Date.now, tickMs: () => performance.now() };
const limits = { requestsPerMinute: 1_000, tokensPerMinute: 10_000, usdPerDay: 1 };
const claim = { requestId: "r", key: "k", profile: "p", limits, tokens: 10, costUsd: 0.001 };
const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 0, reasoningTokens: 0 };
const bill = {
  outcome: "fused",
  usageByModel: [{ stage: "panel" as const, model: "m", usage, costUsd: 0.001 }],
};

backendContract(named("redisBackend()"), {
  ground: async () => {
    const server = await RedisServer.start();
    return {
      empty: () => emptyRedis(server),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
  hasLedger: true,
  runs: 100,
  ignore: noRedis !== undefined,
});

withRedis("lets two processes in for no more than the limit", async (server) => {
  await using one = new Child([server.url, "one", "race"]);
  await using two = new Child([server.url, "two", "race"]);
  await Promise.all([one, two].map((child) => child.linesUpTo("ready")));
  await Promise.all([one, two].map((child) => child.go()));
  const admitted = await Promise.all([one, two].map(async (child) => {
    const lines = await child.linesUpTo("admitted");
    return Number(lines.at(-1)!.split(" ")[1]);
  }));
  assert.equal(admitted[0]! + admitted[1]!, 50);
});

withRedis("releases and marks as lost what a killed process left", async (server) => {
  const settled = new Set<string>();
  {
    await using child = new Child([server.url, "killed", "work"]);
    while (settled.size < 100) {
      const line = (await child.line())!;
      if (line.startsWith("settled")) settled.add(line);
    }
    child.kill("SIGKILL");
    for (const line of await child.restOfLines()) if (line.startsWith("settled")) settled.add(line);
  }
  const events: StoreEvent[] = [];
  const { store, beat } = await guarded(server, { onEvent: (event) => events.push(event) });
  for (let i = 0; i < 11; i++) await beat();
  const [row] = await usageByKey(server);
  assert.equal(row!.open, 0);
  assert.ok(row!.requests - row!.lost >= settled.size);
  assert.ok(row!.lost <= 8);
  assert.deepEqual(events, row!.lost === 0 ? [] : [{ type: "lost", requests: row!.lost }]);
  await store.close();
});

for (const onFailure of ["open", "closed"] as const) {
  withRedis(
    `${onFailure}: goes away with Redis, comes back, and writes what ended meanwhile`,
    async (server) => {
      const events: StoreEvent[] = [];
      const { store, beat } = await guarded(server, { onFailure, onEvent: (e) => events.push(e) });
      const before = await store.reserve(claim);
      assert.equal(before.type, "admitted");

      await server.stop();
      const during = await store.reserve(claim);
      assert.equal(during.type, onFailure === "open" ? "admitted" : "unavailable");
      if (during.type === "admitted") await store.settle(during.reservation, bill);
      await store.settle(before.reservation, bill);
      await beat();
      assert.equal(store.health, "away");

      await server.start();
      while (store.health === "away") await beat();
      assert.equal((await store.reserve({ ...claim, requestId: "after" })).type, "admitted");
      const [row] = await usageByKey(server);
      const ended = onFailure === "open" ? 2 : 1;
      assert.deepEqual([row!.requests, row!.lost, row!.open], [ended, 0, 1]);
      assert.equal(row!.costUsd, ended * 0.001);
      assert.deepEqual(events.map((event) => event.type), [
        "away",
        onFailure === "open" ? "unchecked" : "refused",
        "back",
      ]);
      await store.close();
    },
  );
}

withRedis("holds nothing for a request it refused while Redis did not answer", async (server) => {
  const { store, beat } = await guarded(server, { onFailure: "closed", answerMs: 50 });
  server.freeze();
  // Redis will find this in its socket when it wakes, and do it.
  assert.equal((await store.reserve(claim)).type, "unavailable");
  assert.equal(store.health, "away");
  server.thaw();
  while (store.health === "away") await beat();
  const client = createClient({ url: server.url });
  await client.connect();
  assert.deepEqual(await client.hGet("tutti:rate:k", "held"), "0");
  const month = new Date().toISOString().slice(0, 7);
  assert.equal(await client.hGet(`tutti:purse:${month}:k`, "held"), "0");
  client.destroy();
  await store.close();
});

withRedis("starts without Redis, and needs no more permission than the net", async (server) => {
  await server.stop();
  const module = new URL("../../src/store/open_store.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    script,
    `import { openStore } from ${JSON.stringify(module)};
     const tell = (what) => console.log(JSON.stringify(what));
     const store = await openStore(
       { url: ${JSON.stringify(server.url)}, on_failure: "open", ledger_days: 1 },
       {
         clock: { now: Date.now, tickMs: () => performance.now() },
         processId: "p",
         beatMs: 20,
         onEvent: async (event) => {
           tell(event.type);
           if (event.type === "back") await store.close();
         },
       },
     );
     tell(store.health);`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", `--config=${config}`],
      ...[`--allow-net=127.0.0.1:${server.port}`, script],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const fresh = text.trim().split("\n");
    lines.push(...fresh);
    if (fresh.includes('"away"') && lines.length === 2) await server.start();
  }
  assert.deepEqual(lines, ['"away"', '"away"', '"back"']);
  assert.equal((await child.status).code, 0);
  await Deno.remove(script);
});

async function emptyRedis(server: RedisServer): Promise<EmptyStore> {
  const first = await connect(server.url);
  await first.flushAll();
  const clients = [first];
  return {
    open: async (processId, { clock, watch }) => {
      const client = await connect(server.url);
      clients.push(client);
      return redisBackend(client, { processId, ledgerDays: 400, watch, now: clock.now });
    },
    // Those of processes that died are still open.
    [Symbol.asyncDispose]: () => {
      for (const client of clients) if (client.isOpen) client.destroy();
      return Promise.resolve();
    },
  };
}

async function usageByKey(server: RedisServer) {
  const ledger = await openLedger({ url: server.url });
  try {
    return await ledger.usage({ by: "key" });
  } finally {
    await ledger.close();
  }
}

function named(name: string): string {
  return noRedis === undefined ? name : `(${noRedis}) ${name}`;
}

function withRedis(fact: string, run: (server: RedisServer) => Promise<void>): void {
  Deno.test({
    name: named(`redisBackend() ${fact}`),
    ignore: noRedis !== undefined,
    fn: async () => {
      await using server = await RedisServer.start();
      await run(server);
    },
  });
}

/** A store whose beats are given by the test; a beat lets the connection's own timers run too. */
async function guarded(
  server: RedisServer,
  options: Partial<GuardOptions & RedisOptions>,
): Promise<{ store: Store; beat: () => Promise<void> }> {
  const processId = crypto.randomUUID();
  const backend = redisBackend(await connect(server.url), {
    processId,
    ledgerDays: 400,
    ...options,
  });
  let count = 0;
  let beatOnce = () => Promise.resolve();
  const store = await guardedStore(backend, {
    onFailure: "closed",
    clock,
    newId: () => `${processId}-${count++}`,
    onEvent: () => {},
    every: (beat) => {
      beatOnce = beat;
      return () => {};
    },
    ...options,
  });
  return {
    store,
    beat: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await beatOnce();
    },
  };
}
