/**
 * Child: a real process that uses a store, for the tests that kill one, let two race, or take its
 * disk away. Arguments: the store's URL, a process id, and what to do. Each line it prints was true
 * when it was printed.
 * @module
 */
import { openStore } from "../../src/store/open_store.ts";
import type { Store } from "../../src/store/store.ts";

const [url, processId, task] = Deno.args as [string, string, "work" | "race" | "fill"];

const bill = {
  outcome: "fused",
  usageByModel: [{
    stage: "panel" as const,
    model: "m",
    usage: { promptTokens: 3, completionTokens: 2, cachedTokens: 0, reasoningTokens: 0 },
    costUsd: 0.001,
  }],
};

const store = await openStore({ url, on_failure: "closed", ledger_days: 400 }, {
  clock: { now: Date.now, tickMs: () => performance.now() },
  processId,
  onEvent: (event) => say(JSON.stringify(event)),
});

switch (task) {
  case "work":
    await Promise.all(Array.from({ length: 8 }, (_, lane) => work(store, lane)));
    break;
  case "race":
    await race(store);
    break;
  case "fill":
    await fill(store);
    break;
  default:
    throw new Error(`Cannot do ${task satisfies never}`);
}
await store.close();

/** Requests without an end, some in flight at any moment. */
async function work(store: Store, lane: number): Promise<void> {
  for (let i = 0;; i++) {
    const requestId = `${lane}-${i}`;
    const admission = await store.reserve(claim(requestId));
    if (admission.type !== "admitted") throw new Error(admission.type);
    say(`begun ${requestId}`);
    await new Promise((resolve) => setTimeout(resolve, i % 3));
    await store.settle(admission.reservation, bill);
    say(`settled ${requestId}`);
  }
}

/** As many requests as the limit lets in, from the moment that the parent says so. */
async function race(store: Store): Promise<void> {
  say("ready");
  await Deno.stdin.read(new Uint8Array(1));
  let admitted = 0;
  for (let i = 0; i < 100; i++) {
    const admission = await store.reserve(claim(String(i), { usdPerDay: 0.05 }));
    if (admission.type === "unavailable") throw new Error("unavailable");
    if (admission.type !== "admitted") continue;
    admitted += 1;
    if (i % 2 === 0) await store.settle(admission.reservation, bill);
  }
  say(`admitted ${admitted}`);
  await Deno.stdin.read(new Uint8Array(1));
}

/** Requests until the store is away, and one more. */
async function fill(store: Store): Promise<void> {
  for (let i = 0;; i++) {
    const admission = await store.reserve(claim(String(i)));
    if (admission.type !== "admitted") break;
    await store.settle(admission.reservation, bill);
    if (store.health === "up") say(`settled ${i}`);
  }
  say((await store.reserve(claim("last"))).type);
}

function claim(requestId: string, limits = {}) {
  return { requestId, key: "k", profile: "p", limits, tokens: 10, costUsd: 0.001 };
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
