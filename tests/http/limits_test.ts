/**
 * Limits at the door, over a real store in memory and scripted runs: what a client is told, and that
 * every request is billed once, however it ends.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import OpenAI from "openai";
import type { Price } from "../../src/fusion/profile.ts";
import { LimitGate } from "../../src/gate/limit_gate.ts";
import { guardedStore } from "../../src/store/guarded_store.ts";
import { memoryBackend } from "../../src/store/memory_backend.ts";
import type { Bill, Claim, Limits, Store } from "../../src/store/store.ts";
import { CHAT, chat, door, type DoorChange, served } from "../support/door.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { answered, failed, profile, ScriptedRun, usage } from "../support/scripted_run.ts";

/** A member, judge and final answer of at most 100 tokens each would be 300; this is far above. */
const prices: Price[] = ["alpha", "beta", "judge", "omega", "solo"]
  .map((model) => ({ model, inputPerMtok: 1, outputPerMtok: 1 }));
const SINGLE = { fusion: { route: "single" }, max_tokens: 100 };

interface Setting extends DoorChange {
  readonly keyLimits?: Limits;
  readonly store?: (store: Store) => Store;
  readonly keepsLedger?: boolean;
}

/** A door whose one key, or everyone, has `keyLimits`; runs wait for the test unless it says so. */
async function limited({ keyLimits = {}, keepsLedger = false, store: change, ...rest }: Setting) {
  const clock = new ManualClock();
  const bills: Bill[] = [];
  const claims: Claim[] = [];
  let ids = 0;
  const kept = await guardedStore(memoryBackend(clock), {
    onFailure: "closed",
    clock: { now: () => clock.now(), tickMs: () => clock.now() },
    newId: () => String(ids++),
    onEvent: () => {},
    every: () => () => {},
  });
  const store = (change ?? ((same) => same))(kept);
  const limitGate = new LimitGate({
    store: {
      ...{ health: "up", close: () => Promise.resolve() },
      reserve: (claim) => (claims.push(claim), store.reserve(claim)),
      settle: (reservation, bill) => (bills.push(bill), store.settle(reservation, bill)),
    },
    keepsLedger,
    limitsByKey: new Map([["alice", keyLimits]]),
    anonymousLimits: keyLimits,
    prices,
  });
  const runs: ScriptedRun[] = [];
  const startRun = rest.startRun ?? (() => {
    const run = new ScriptedRun();
    runs.push(run);
    return run;
  });
  return {
    ...door({ limitGate, ...rest, startRun }),
    limitGate,
    store: kept,
    runs,
    bills,
    claims,
    clock,
  };
}

/** Resolves when `holds`; looked at after every turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setTimeout(resolve));
}

Deno.test("door tells the client how full its limits are, whole and streamed", async () => {
  const keyLimits = { requestsPerMinute: 60, tokensPerMinute: 10_000 };
  const { app, runs, claims } = await limited({ keyLimits });
  const asked = app.request(CHAT, chat(SINGLE));
  await until(() => runs.length === 1);
  runs[0]!.end();
  const whole = await asked;
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get("x-ratelimit-limit-requests"), "60");
  assert.equal(whole.headers.get("x-ratelimit-remaining-requests"), "59");
  assert.equal(whole.headers.get("x-ratelimit-reset-requests"), "1s");
  assert.equal(whole.headers.get("x-ratelimit-limit-tokens"), "10000");
  assert.equal(
    whole.headers.get("x-ratelimit-remaining-tokens"),
    String(10_000 - claims[0]!.tokens),
  );
  await whole.body?.cancel();

  const streamed = await app.request(CHAT, chat({ ...SINGLE, stream: true }));
  assert.equal(streamed.headers.get("x-ratelimit-remaining-requests"), "58");
  runs[1]!.end();
  await streamed.text();
});

Deno.test("door sends the limits along with a run's failure", async () => {
  const { app, runs } = await limited({ keyLimits: { requestsPerMinute: 60 } });
  const asked = app.request(CHAT, chat());
  await until(() => runs.length === 1);
  runs[0]!.end(failed());
  const response = await asked;
  assert.equal(response.status, 502);
  assert.equal(response.headers.get("x-ratelimit-remaining-requests"), "59");
  await response.body?.cancel();
});

Deno.test("door refuses one request too many with OpenAI's 429, and starts no run for it", async () => {
  const { app, runs, started, admission } = await limited({ keyLimits: { requestsPerMinute: 1 } });
  const first = app.request(CHAT, chat());
  await until(() => runs.length === 1);
  const second = await app.request(CHAT, chat());
  assert.equal(second.status, 429);
  assert.equal(second.headers.get("retry-after"), "60");
  assert.equal(second.headers.get("x-should-retry"), null);
  assert.equal(second.headers.get("x-ratelimit-remaining-requests"), "0");
  assert.equal(second.headers.get("x-ratelimit-reset-requests"), "1m0s");
  assert.deepEqual((await second.json()).error, {
    message: "Cannot admit the request: the key's 1 requests a minute are used up",
    type: "requests",
    param: null,
    code: "rate_limit_exceeded",
  });
  assert.equal(started.length, 1);
  assert.equal(admission.inFlight, 1);
  runs[0]!.end();
  await (await first).body?.cancel();
  assert.equal(admission.inFlight, 0);
});

Deno.test("two parallel requests cannot both pass a budget for one, and what the first leaves is free", async () => {
  const { app, runs, claims } = await limited({ keyLimits: { usdPerDay: 0.000_2 } });
  const both = [app.request(CHAT, chat(SINGLE)), app.request(CHAT, chat(SINGLE))];
  const refused = await Promise.race(both);
  assert.equal(refused.status, 429);
  assert.ok(claims[0]!.costUsd > 0.000_1 && claims[0]!.costUsd < 0.000_2);
  const { error } = await refused.json();
  assert.equal(error.code, "insufficient_quota");
  assert.equal(error.type, "insufficient_quota");
  // The first may settle any moment.
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal(refused.headers.get("x-should-retry"), null);
  await until(() => runs.length === 1);
  runs[0]!.end(spending(0.000_05));
  const [first] = await Promise.all(both);
  assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 429]);
  await first!.body?.cancel();

  // The answer is there, so its bill is: what it did not spend is free again.
  const third = app.request(CHAT, chat(SINGLE));
  await until(() => runs.length === 2);
  runs[1]!.end(spending(0.000_1));
  assert.equal((await third).status, 200);
  const fourth = await app.request(CHAT, chat(SINGLE));
  assert.equal(fourth.status, 429);
  assert.equal(fourth.headers.get("x-should-retry"), "false");
  assert.ok(Number(fourth.headers.get("retry-after")) > 60);
});

Deno.test("door refuses for good what is above the limit by itself", async () => {
  const { app } = await limited({ keyLimits: { tokensPerMinute: 50 } });
  const response = await app.request(CHAT, chat(SINGLE));
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("x-should-retry"), "false");
  const { error } = await response.json();
  assert.equal(error.type, "tokens");
  assert.equal(error.code, "rate_limit_exceeded");
});

Deno.test("door counts every key for itself, and everyone where the door is open", async () => {
  const sha256 = createHash("sha256").update("k").digest("hex");
  const { app, claims, runs } = await limited({
    keyLimits: { requestsPerMinute: 5 },
    clientKeys: [{ name: "alice", sha256 }],
  });
  const asked = app.request(CHAT, { ...chat(), headers: { authorization: "Bearer k" } });
  await until(() => runs.length === 1);
  runs[0]!.end();
  await (await asked).body?.cancel();
  assert.equal(claims[0]!.key, "alice");
  const open = await limited({ keyLimits: { requestsPerMinute: 5 } });
  const anonymous = open.app.request(CHAT, chat());
  await until(() => open.runs.length === 1);
  open.runs[0]!.end();
  await (await anonymous).body?.cancel();
  assert.equal(open.claims[0]!.key, "anonymous");
});

Deno.test("door asks no store where nothing is limited and nothing written down", async () => {
  const { app, claims, runs } = await limited({});
  const asked = app.request(CHAT, chat());
  await until(() => runs.length === 1);
  runs[0]!.end();
  const response = await asked;
  assert.deepEqual(claims, []);
  assert.deepEqual([...response.headers.keys()].filter((name) => name.includes("ratelimit")), []);
  await response.body?.cancel();
});

for (const stream of [false, true]) {
  const how = stream ? "streamed" : "whole";

  Deno.test(`a run is billed once when its client has left (${how})`, async () => {
    const { app, runs, bills, limitGate } = await limited({ keepsLedger: true });
    await using server = served(app);
    const leaving = new AbortController();
    const asked = fetch(`${server.url}${CHAT}`, { ...chat({ stream }), signal: leaving.signal });
    await until(() => runs.length === 1);
    if (stream) {
      const response = await asked;
      leaving.abort();
      await response.body?.cancel().catch(() => {});
    } else {
      leaving.abort();
      await assert.rejects(asked);
    }
    await runs[0]!.cancelled;
    await limitGate.settled();
    assert.equal(bills.length, 1);
    assert.equal(bills[0]!.outcome, "cancelled");
    assert.equal(bills[0]!.usageByModel.length, 2);
  });

  Deno.test(`a run that breaks is billed as a fault of ours (${how})`, async () => {
    const { app, runs, bills, limitGate } = await limited({ keepsLedger: true });
    const asked = app.request(CHAT, chat({ stream }));
    await until(() => runs.length === 1);
    runs[0]!.break(new Error("a bug"));
    await (await asked).text();
    await limitGate.settled();
    assert.deepEqual(bills, [{ outcome: "internal_error", usageByModel: [] }]);
  });

  Deno.test(`a run that cannot be started gives back what was held (${how})`, async () => {
    const { app, bills, limitGate, admission } = await limited({
      keepsLedger: true,
      startRun: () => {
        throw new Error("a bug");
      },
    });
    const response = await app.request(CHAT, chat({ stream }));
    assert.equal(response.status, 500);
    await response.body?.cancel();
    await limitGate.settled();
    assert.equal(bills.length, 1);
    assert.equal(admission.inFlight, 0);
  });
}

Deno.test("a streamed run is billed when it is over, though nobody reads its answer", async () => {
  const { app, runs, bills, limitGate } = await limited({ keepsLedger: true });
  const response = await app.request(CHAT, chat({ stream: true }));
  runs[0]!.end();
  await limitGate.settled();
  assert.equal(bills[0]!.outcome, "fused");
  await response.body?.cancel();
});

Deno.test("door answers 503 where limits cannot be checked and must be", async () => {
  const { app, started } = await limited({
    keepsLedger: true,
    store: (store) => ({
      ...store,
      reserve: () =>
        Promise.resolve({
          type: "unavailable",
          failure: {
            ...{ code: "unavailable", source: "gateway", retryable: true },
            ...{ message: "Cannot check the key's limits", retryAfterMs: 2_000 },
          },
        }),
    }),
  });
  const response = await app.request(CHAT, chat());
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "2");
  assert.equal((await response.json()).error.code, "overloaded");
  assert.equal(started.length, 0);
});

Deno.test("openai client waits as Retry-After says and then gets its answer", async () => {
  const { app, runs, clock, bills } = await limited({ keyLimits: { tokensPerMinute: 120 } });
  let asked = 0;
  await using server = served({
    fetch: (request) => {
      // The client waits on its own clock; ours is a minute further when it comes back.
      if (++asked === 3) clock.advance(60_000);
      return app.fetch(request);
    },
  });
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 1 });
  const body = {
    ...{ model: "fusion/default", max_tokens: 100 },
    messages: [{ role: "user" as const, content: "Hi" }],
    ...{ fusion: { route: "single" } },
  };
  const first = openai.chat.completions.create(body);
  await until(() => runs.length === 1);
  runs[0]!.end(spending(0, usage(11, 1)));
  await first;
  assert.equal(bills.length, 1);
  const startedAt = performance.now();
  const second = openai.chat.completions.create(body).withResponse();
  await until(() => runs.length === 2);
  runs[1]!.end();
  const { response } = await second;
  assert.equal(asked, 3);
  assert.ok(performance.now() - startedAt >= 900);
  assert.equal(response.headers.get("x-ratelimit-limit-tokens"), "120");
});

Deno.test("openai client does not ask again where that is of no use, and sees a typed error", async () => {
  const { app } = await limited({ keyLimits: { usdPerDay: 0.000_001 } });
  let asked = 0;
  await using server = served({ fetch: (request) => (asked++, app.fetch(request)) });
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 2 });
  const messages = [{ role: "user" as const, content: "Hi" }];
  await assert.rejects(
    openai.chat.completions.create({ model: "fusion/default", messages }),
    (error) => error instanceof OpenAI.RateLimitError && error.code === "insufficient_quota",
  );
  assert.equal(asked, 1);
});

function spending(costUsd: number, used = usage(5, 5)) {
  return answered({
    route: "single",
    outcome: "single",
    usageByModel: [{ stage: "single", model: "solo", usage: used, costUsd }],
  });
}

Deno.test("a profile is named in the claim, with the request's id", async () => {
  const { app, claims, runs } = await limited({
    keepsLedger: true,
    profiles: [profile({ name: "other" })],
  });
  const asked = app.request(CHAT, {
    ...chat({ model: "fusion/other" }),
    headers: { "x-request-id": "mine" },
  });
  await until(() => runs.length === 1);
  runs[0]!.end();
  await (await asked).body?.cancel();
  assert.equal(claims[0]!.profile, "other");
  assert.equal(claims[0]!.requestId, "mine");
  // Without a limit nothing is held, and the worst case need not be known.
  assert.equal(claims[0]!.tokens, 0);
});
