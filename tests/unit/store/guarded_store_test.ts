import assert from "node:assert/strict";
import type { Backend } from "../../../src/store/backend.ts";
import { guardedStore, type GuardOptions } from "../../../src/store/guarded_store.ts";
import { memoryBackend } from "../../../src/store/memory_backend.ts";
import type { StoreEvent } from "../../../src/store/store.ts";

const claim = {
  requestId: "r",
  key: "k",
  profile: "p",
  limits: { requestsPerMinute: 2 },
  tokens: 0,
  costUsd: 0,
};
const bill = { outcome: "fused", usageByModel: [] };

Deno.test("guardedStore() hands on what an answering backend says", async () => {
  const { store } = await guarded();
  assert.equal(store.health, "up");
  const admission = await store.reserve(claim);
  assert.equal(admission.type, "admitted");
  assert.deepEqual(admission.state.requests, { limit: 2, remaining: 1, resetMs: 30_000 });
  await store.reserve(claim);
  assert.equal((await store.reserve(claim)).type, "refused");
});

Deno.test("guardedStore() open lets requests pass while the backend is away", async () => {
  const { store, backend, events } = await guarded({ onFailure: "open" });
  backend.failure = new Error("gone");
  for (let i = 0; i < 5; i++) {
    const admission = await store.reserve(claim);
    assert.equal(admission.type, "admitted");
    assert.deepEqual(admission.state, {});
  }
  assert.deepEqual(events.map((event) => event.type), ["away", ...Array(5).fill("unchecked")]);
});

Deno.test("guardedStore() closed refuses with a failure of the gateway's own", async () => {
  const { store, backend } = await guarded({ onFailure: "closed" });
  backend.failure = new Error("gone");
  const admission = await store.reserve(claim);
  assert.equal(admission.type, "unavailable");
  const { code, source, retryable } = admission.failure;
  assert.deepEqual([code, source, retryable], ["unavailable", "gateway", true]);
});

Deno.test("guardedStore() asks an absent backend nothing until a beat has found it", async () => {
  const { store, backend, beat } = await guarded({ onFailure: "open" });
  backend.failure = new Error("gone");
  await store.reserve(claim);
  const asked = backend.asked.length;
  for (let i = 0; i < 3; i++) await store.reserve(claim);
  assert.equal(backend.asked.length, asked);

  await beat();
  assert.equal(store.health, "away");
  backend.failure = undefined;
  await beat();
  assert.equal(store.health, "up");
  await store.reserve(claim);
  assert.equal(backend.asked.at(-1), "reserve");
});

Deno.test("guardedStore() writes what ended meanwhile, in its order, before it is up again", async () => {
  const { store, backend, beat } = await guarded({ onFailure: "open" });
  backend.failure = new Error("gone");
  for (const requestId of ["a", "b", "c"]) {
    const admission = await store.reserve({ ...claim, requestId });
    assert.equal(admission.type, "admitted");
    await store.settle(admission.reservation, bill);
  }
  backend.failure = undefined;
  backend.asked.length = 0;
  await beat();
  assert.deepEqual(backend.asked, ["beat", "settle a", "settle b", "settle c"]);
  await beat();
  assert.equal(backend.asked.length, 5, "and only once");
});

Deno.test("guardedStore() releases a refused reservation that may have been made", async () => {
  const { store, backend, beat } = await guarded({ onFailure: "closed" });
  backend.failure = new Error("the answer was lost");
  await store.reserve(claim);
  backend.failure = undefined;
  backend.asked.length = 0;
  await beat();
  assert.deepEqual(backend.asked, ["beat", "release r"]);
});

Deno.test("guardedStore() drops the oldest when too many wait, and tells", async () => {
  const { store, backend, beat, events } = await guarded({ onFailure: "open", mostPending: 2 });
  backend.failure = new Error("gone");
  for (const requestId of ["a", "b", "c"]) {
    const admission = await store.reserve({ ...claim, requestId });
    assert.equal(admission.type, "admitted");
    await store.settle(admission.reservation, bill);
  }
  assert.deepEqual(events.at(-1), { type: "dropped", requestId: "a" });
  backend.failure = undefined;
  backend.asked.length = 0;
  await beat();
  assert.deepEqual(backend.asked, ["beat", "settle b", "settle c"]);
});

Deno.test("guardedStore() tries once more to write when it closes, and tells what it could not", async () => {
  for (const failure of [undefined, new Error("gone")]) {
    const { store, backend, events } = await guarded({ onFailure: "open" });
    backend.failure = new Error("gone");
    const admission = await store.reserve(claim);
    assert.equal(admission.type, "admitted");
    await store.settle(admission.reservation, bill);
    backend.failure = failure;
    await store.close();
    assert.equal(backend.asked.includes("settle r"), failure === undefined);
    assert.equal(events.at(-1)!.type, failure === undefined ? "back" : "dropped");
  }
});

Deno.test("guardedStore() names the kind of failure and never its message", async () => {
  const errors: [Error, string][] = [
    [new Error("ERR unknown command AUTH, with args beginning with: s3cret"), "ERR"],
    [new Error("connect to redis://:s3cret@host failed"), "Error"],
    [Object.assign(new Error("s3cret"), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [
      Object.assign(new Error("database is locked"), { code: "ERR_SQLITE_ERROR" }),
      "database is locked",
    ],
  ];
  for (const [error, reason] of errors) {
    const { store, backend, events } = await guarded({});
    backend.failure = error;
    await store.reserve(claim);
    assert.deepEqual(events[0], { type: "away", reason });
  }
});

async function guarded(options: Partial<GuardOptions> = {}) {
  const clock = { now: () => 1_000, tickMs: () => 0 };
  const backend = faultyBackend(memoryBackend(clock));
  const events: StoreEvent[] = [];
  let beat = () => Promise.resolve();
  let count = 0;
  const store = await guardedStore(backend, {
    onFailure: "closed",
    clock,
    newId: () => `p-${count++}`,
    onEvent: (event) => events.push(event),
    every: (given) => {
      beat = given;
      return () => {};
    },
    ...options,
  });
  return { store, backend, events, beat: () => beat() };
}

/** Fails with `failure` as long as there is one; notes what it was asked and did. */
function faultyBackend(backend: Backend) {
  const asked: string[] = [];
  const faulty = { failure: undefined as Error | undefined, asked };
  const act = <T>(what: string, work: () => Promise<T>): Promise<T> => {
    if (faulty.failure !== undefined) {
      asked.push(`${what} failed`);
      return Promise.reject(faulty.failure);
    }
    asked.push(what);
    return work();
  };
  return Object.assign(
    faulty,
    {
      reserve: (r) => act("reserve", () => backend.reserve(r)),
      settle: (r, entry) => act(`settle ${r.requestId}`, () => backend.settle(r, entry)),
      release: (r) => act(`release ${r.requestId}`, () => backend.release(r)),
      beat: () => act("beat", () => backend.beat()),
      usage: (query) => act("usage", () => backend.usage(query)),
      close: () => act("close", () => backend.close()),
    } satisfies Backend,
  );
}
