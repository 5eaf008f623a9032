/**
 * Backend contract: what every backend must do, registered once for each of them. The properties run
 * any interleaving of reservations, settlements, releases, deaths of processes and moves of the
 * clock, and keep accounts of their own, by plain sums over what was admitted.
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Backend, StoreClock } from "../../src/store/backend.ts";
import { ledgerEntry, reservationOf } from "../../src/store/ledger_entry.ts";
import { memoryBackend } from "../../src/store/memory_backend.ts";
import { ProcessWatch } from "../../src/store/process_watch.ts";
import type { Bill, Claim, Limits, Reservation } from "../../src/store/store.ts";
import { usageGroups, type UsageRow } from "../../src/store/usage_query.ts";

/** An empty store that any number of processes may open. */
export interface EmptyStore extends AsyncDisposable {
  open(processId: string, options: { clock: StoreClock; watch: ProcessWatch }): Promise<Backend>;
}

/** What one test needs to make empty stores, such as a server. */
export interface Ground extends AsyncDisposable {
  empty(): Promise<EmptyStore>;
}

export interface ContractOptions {
  readonly ground: () => Promise<Ground>;
  readonly hasLedger: boolean;
  /** How many random runs each property makes. */
  readonly runs: number;
  readonly ignore?: boolean;
}

/** Two beats in which nothing is heard of a process. */
const patience = 2;

export function backendContract(name: string, options: ContractOptions): void {
  const { ground, hasLedger, runs, ignore = false } = options;

  Deno.test({
    name: `${name} answers as the rules of account.ts do, in any interleaving`,
    ignore,
    fn: async () => {
      await using place = await ground();
      await fc.assert(
        fc.asyncProperty(anyLimits, anySteps, async (limits, steps) => {
          await using store = await place.empty();
          const clock = fakeClock();
          const backends = [
            await store.open("p", { clock, watch: new ProcessWatch() }),
            memoryBackend(clock),
          ];
          const inFlight: Reservation[] = [];
          let count = 0;
          for (const step of steps) {
            if (step.do === "wait") clock.wait(step.ms);
            if (step.do === "reserve") {
              const reservation = newReservation(`p-${count++}`, { step, limits, clock });
              const [answer, expected] = await all(backends, (b) => b.reserve(reservation));
              assert.deepEqual(answer, expected);
              if (answer!.type === "admitted") inFlight.push(reservation);
            }
            if (step.do === "settle" || step.do === "release") {
              const reservation = take(inFlight, step.which);
              if (reservation === undefined) continue;
              const entry = newEntry(reservation, step.share, clock);
              // Twice: the second must change nothing.
              for (const _ of [1, 2]) {
                await all(
                  backends,
                  (b) =>
                    step.do === "settle" ? b.settle(reservation, entry) : b.release(reservation),
                );
              }
            }
          }
          await all(backends, (b) => b.close());
        }),
        { numRuns: runs },
      );
    },
  });

  Deno.test({
    name: `${name} never admits more than a limit, and its ledger holds what was settled`,
    ignore,
    fn: async () => {
      await using place = await ground();
      await fc.assert(
        fc.asyncProperty(anyLimits, anySteps, async (limits, steps) => {
          await using store = await place.empty();
          await oneHistory(store, { limits, steps, hasLedger });
        }),
        { numRuns: runs },
      );
    },
  });

  if (!hasLedger) return;

  Deno.test({
    name: `${name} keeps the real figures of a request that was given up as lost`,
    ignore,
    fn: async () => {
      await using place = await ground();
      await using store = await place.empty();
      const clock = fakeClock();
      const slept = await store.open("slept", { clock, watch: new ProcessWatch(patience) });
      await slept.beat();
      const limits = { tokensPerMinute: 100, usdPerDay: 1 };
      const step = { do: "reserve", key: 0, tokens: 100, costUsd: 1 } as const;
      const reservation = newReservation("slept-0", { step, limits, clock });
      assert.equal((await slept.reserve(reservation)).type, "admitted");

      const other = await store.open("other", { clock, watch: new ProcessWatch(patience) });
      const second = newReservation("other-0", { step, limits, clock });
      assert.equal((await other.reserve(second)).type, "refused");
      let lost = 0;
      for (let i = 0; i <= patience; i++) lost += (await other.beat()).lost;
      assert.equal(lost, 1);
      assert.deepEqual(await counts(other), { requests: 1, lost: 1, open: 0, costUsd: 0 });

      await slept.settle(reservation, newEntry(reservation, 0.5, clock));
      assert.deepEqual(await counts(other), { requests: 1, lost: 0, open: 0, costUsd: 0.5 });
      const third = newReservation("other-1", { step, limits, clock });
      const answer = await other.reserve(third);
      assert.equal(answer.type, "refused", "what it used counts against the limit again");
      await slept.close();
      await other.close();
    },
  });

  Deno.test({
    name: `${name} keeps an entry that was never begun there, once`,
    ignore,
    fn: async () => {
      await using place = await ground();
      await using store = await place.empty();
      const clock = fakeClock();
      const backend = await store.open("p", { clock, watch: new ProcessWatch() });
      const step = { do: "reserve", key: 0, tokens: 10, costUsd: 0.5 } as const;
      const reservation = newReservation("p-0", { step, limits: { usdPerDay: 1 }, clock });
      for (const _ of [1, 2]) await backend.settle(reservation, newEntry(reservation, 1, clock));
      assert.deepEqual(await counts(backend), { requests: 1, lost: 0, open: 0, costUsd: 0.5 });
      const rest = newReservation("p-1", { step, limits: { usdPerDay: 1 }, clock });
      assert.equal((await backend.reserve(rest)).type, "admitted", "it was counted once");
      await backend.close();
    },
  });

  Deno.test({
    name: `${name} marks what is still open as lost when its process closes`,
    ignore,
    fn: async () => {
      await using place = await ground();
      await using store = await place.empty();
      const clock = fakeClock();
      const step = { do: "reserve", key: 1, tokens: 10, costUsd: 0.5 } as const;
      const closing = await store.open("closing", { clock, watch: new ProcessWatch() });
      await closing.reserve(newReservation("closing-0", { step, limits: {}, clock }));
      assert.deepEqual(await counts(closing), { requests: 0, lost: 0, open: 1, costUsd: 0 });
      await closing.close();
      const next = await store.open("next", { clock, watch: new ProcessWatch() });
      assert.deepEqual(await counts(next), { requests: 1, lost: 1, open: 0, costUsd: 0 });
      await next.close();
    },
  });

  Deno.test({
    name: `${name} leaves out of the usage what was before the first day asked for`,
    ignore,
    fn: async () => {
      await using place = await ground();
      await using store = await place.empty();
      const clock = fakeClock();
      const backend = await store.open("p", { clock, watch: new ProcessWatch() });
      const step = { do: "reserve", key: 0, tokens: 10, costUsd: 0.5 } as const;
      for (const id of ["p-0", "p-1"]) {
        const reservation = newReservation(id, { step, limits: {}, clock });
        await backend.reserve(reservation);
        await backend.settle(reservation, newEntry(reservation, 1, clock));
        clock.wait(86_400_000);
      }
      const days = async (since: string) =>
        (await backend.usage({ by: "day", since })).map((row) => row.group);
      assert.deepEqual(await days("2026-01-01"), ["2026-09-22", "2026-09-23"]);
      assert.deepEqual(await days("2026-09-23"), ["2026-09-23"]);
      assert.deepEqual(await backend.usage({ by: "model", since: "2026-09-24" }), []);
      await backend.close();
    },
  });
}

type Step =
  | {
    readonly do: "reserve";
    readonly key: number;
    readonly tokens: number;
    readonly costUsd: number;
  }
  | { readonly do: "settle" | "release"; readonly which: number; readonly share: number }
  | { readonly do: "crash" }
  | { readonly do: "wait"; readonly ms: number };

const requestsPerMinute = fc.integer({ min: 1, max: 7 });
const tokensPerMinute = fc.integer({ min: 300, max: 1_500 });
const usdPerDay = fc.integer({ min: 20, max: 150 }).map((cents) => cents / 100);
const usdPerMonth = fc.integer({ min: 20, max: 300 }).map((cents) => cents / 100);

/** Mostly one at a time, so that none hides what another does. */
const anyLimits: fc.Arbitrary<Limits> = fc.oneof(
  fc.record({ requestsPerMinute }),
  fc.record({ tokensPerMinute }),
  fc.record({ usdPerDay }),
  fc.record({ usdPerMonth }),
  fc.record({ requestsPerMinute, tokensPerMinute, usdPerDay, usdPerMonth }, { requiredKeys: [] }),
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("reserve" as const),
      key: fc.integer({ min: 0, max: 1 }),
      tokens: fc.integer({ min: 0, max: 600 }),
      costUsd: fc.integer({ min: 0, max: 500_000_000 }).map((nano) => nano / 1e9),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "settle" as const,
        "settle" as const,
        "settle" as const,
        "release" as const,
      ),
      which: fc.nat(),
      share: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "crash" as const }) },
  {
    weight: 3,
    arbitrary: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * 86_400_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -86_400_000, max: 0 }) },
    ).map((ms) => ({ do: "wait" as const, ms })),
  },
);

const anySteps = fc.array(anyStep, { minLength: 20, maxLength: 120 });

interface Settled {
  readonly reservation: Reservation;
  readonly at: number;
  readonly tokens: number;
  readonly nanoUsd: number;
  readonly share: number;
}

/** Plays the steps on two processes of one store, one of which dies and is replaced at a crash. */
async function oneHistory(
  store: EmptyStore,
  { limits, steps, hasLedger }: { limits: Limits; steps: readonly Step[]; hasLedger: boolean },
): Promise<void> {
  const clock = fakeClock();
  const open = (id: string) => store.open(id, { clock, watch: new ProcessWatch(patience) });
  const survivor = await open("survivor");
  let mortal = hasLedger ? await open("mortal-0") : survivor;
  const inFlight: { reservation: Reservation; of: Backend }[] = [];
  const admitted: Reservation[] = [];
  const settled: Settled[] = [];
  let lost = 0;
  let count = 0;
  let wentBack = false;

  for (const step of steps) {
    switch (step.do) {
      case "wait":
        clock.wait(step.ms);
        wentBack ||= step.ms < 0;
        break;
      case "reserve": {
        const of = count % 2 === 0 ? survivor : mortal;
        const id = `${count % 2 === 0 ? "survivor" : "mortal"}-${count++}`;
        const reservation = newReservation(id, { step, limits, clock });
        if ((await of.reserve(reservation)).type !== "admitted") break;
        inFlight.push({ reservation, of });
        admitted.push(reservation);
        const held = inFlight.map((flight) => flight.reservation);
        checkBudgets(reservation, { held, settled });
        if (!wentBack) checkRates(reservation, { admitted, held, settled, now: clock.now() });
        break;
      }
      case "settle": {
        const flight = take(inFlight, step.which);
        if (flight === undefined) break;
        const { reservation, of } = flight;
        const entry = newEntry(reservation, step.share, clock);
        await of.settle(reservation, entry);
        const tokens = entry.total.promptTokens + entry.total.completionTokens;
        const { nanoUsd } = entry.total;
        settled.push({ reservation, at: clock.now(), tokens, nanoUsd, share: step.share });
        break;
      }
      case "release": {
        const flight = take(inFlight, step.which);
        await flight?.of.release(flight.reservation);
        break;
      }
      case "crash": {
        if (!hasLedger) break;
        const died = inFlight.filter((flight) => flight.of === mortal);
        for (const flight of died) inFlight.splice(inFlight.indexOf(flight), 1);
        let marked = 0;
        for (let i = 0; i <= patience; i++) marked += (await survivor.beat()).lost;
        assert.equal(marked, died.length);
        lost += died.length;
        mortal = await open(`mortal-${count}`);
        break;
      }
      default:
        step satisfies never;
    }
  }
  if (!hasLedger) return;

  const open_ = inFlight.length;
  for (const by of usageGroups) {
    const rows = await survivor.usage({ by });
    const total = (figure: (row: UsageRow) => number) =>
      rows.reduce((sum, row) => sum + figure(row), 0);
    const expected = settled.reduce((sum, s) => sum + s.nanoUsd, 0);
    assert.equal(Math.round(total((row) => row.costUsd) * 1e9), expected, by);
    assert.equal(
      total((row) => row.promptTokens + row.completionTokens),
      settled.reduce((sum, s) => sum + s.tokens, 0),
    );
    if (by === "model") continue;
    assert.equal(total((row) => row.requests), settled.length + lost);
    assert.equal(total((row) => row.lost), lost);
    assert.equal(total((row) => row.open), open_);
  }
  for (const row of await survivor.usage({ by: "key" })) {
    const own = settled.filter((s) => s.reservation.key === row.group);
    assert.equal(Math.round(row.costUsd * 1e9), own.reduce((sum, s) => sum + s.nanoUsd, 0));
  }
  await survivor.close();
  if (mortal !== survivor) await mortal.close();
}

/** What was spent and what is held of one day or month is within its budget. */
function checkBudgets(
  { key, limits, day, month }: Reservation,
  { held, settled }: { held: readonly Reservation[]; settled: readonly Settled[] },
): void {
  const within = (usd: number | undefined, isIn: (r: Reservation) => boolean) => {
    if (usd === undefined) return;
    const nano = held.filter(isIn).reduce((sum, r) => sum + r.heldNanoUsd, 0) +
      settled.filter((s) => isIn(s.reservation)).reduce((sum, s) => sum + s.nanoUsd, 0);
    assert.ok(nano <= Math.round(usd * 1e9), `${nano} nano-dollars of ${usd} dollars`);
  };
  within(limits.usdPerDay, (r) => r.key === key && r.day === day);
  within(limits.usdPerMonth, (r) => r.key === key && r.month === month);
}

/** Over any span of t minutes that ends now, no more than limit × (1 + t). */
function checkRates(
  { key, limits }: Reservation,
  { admitted, held, settled, now }: {
    admitted: readonly Reservation[];
    held: readonly Reservation[];
    settled: readonly Settled[];
    now: number;
  },
): void {
  const most = (limit: number, since: number) => limit + Math.floor(limit * (now - since) / 60_000);
  const ownStarts = admitted.filter((r) => r.key === key).map((r) => r.startedAt);
  for (const since of limits.requestsPerMinute === undefined ? [] : ownStarts) {
    const requests = ownStarts.filter((at) => at >= since).length;
    assert.ok(requests <= most(limits.requestsPerMinute!, since), `${requests} requests`);
  }
  if (limits.tokensPerMinute === undefined) return;
  const own = settled.filter((s) => s.reservation.key === key);
  const heldTokens = held.filter((r) => r.key === key).reduce((sum, r) => sum + r.heldTokens, 0);
  for (const since of [now, ...own.map((s) => s.at)]) {
    const used = own.filter((s) => s.at >= since).reduce((sum, s) => sum + s.tokens, 0);
    assert.ok(used + heldTokens <= most(limits.tokensPerMinute, since), `${used} tokens`);
  }
}

function newReservation(
  id: string,
  { step, limits, clock }: {
    step: Extract<Step, { do: "reserve" }>;
    limits: Limits;
    clock: StoreClock;
  },
): Reservation {
  const { tokens, costUsd } = step;
  const key = `key-${step.key}`;
  const claim: Claim = { requestId: `req ${id}`, key, profile: "p", limits, tokens, costUsd };
  return reservationOf(claim, {
    id,
    startedAt: clock.now(),
    startedTickMs: clock.tickMs(),
  });
}

/** A bill of the given share of what was held, over two models and three stages. */
function newEntry(reservation: Reservation, share: number, clock: StoreClock) {
  const tokens = Math.floor(reservation.heldTokens * share);
  const prompt = Math.floor(tokens / 3);
  const usage = (promptTokens: number, completionTokens: number) => ({
    promptTokens,
    completionTokens,
    cachedTokens: 0,
    reasoningTokens: 0,
  });
  const bill: Bill = {
    route: "fuse",
    outcome: "fused",
    usageByModel: [
      { stage: "panel", model: "a", usage: usage(prompt, 0), costUsd: 0 },
      { stage: "judge", model: "b", usage: usage(0, tokens - prompt), costUsd: 0 },
      {
        stage: "synthesis",
        model: "a",
        usage: usage(0, 0),
        costUsd: reservation.heldNanoUsd * share / 1e9,
      },
    ],
  };
  return ledgerEntry(reservation, bill, { tickMs: clock.tickMs() });
}

async function counts(backend: Backend) {
  const [row] = await backend.usage({ by: "profile" });
  const { requests, lost, open, costUsd } = row!;
  return { requests, lost, open, costUsd };
}

function take<T>(list: T[], which: number): T | undefined {
  return list.length === 0 ? undefined : list.splice(which % list.length, 1)[0];
}

async function all<T>(backends: readonly Backend[], act: (b: Backend) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const backend of backends) results.push(await act(backend));
  return results;
}

export function fakeClock(startAt = Date.UTC(2026, 8, 22, 10)) {
  let [now, tickMs] = [startAt, 0];
  return {
    now: () => now,
    tickMs: () => tickMs,
    /** Time passes; if negative, the wall clock is set back instead. */
    wait(ms: number) {
      now += ms;
      tickMs += Math.max(0, ms);
    },
    /** The wall clock is set, no time passes. */
    jump(ms: number) {
      now += ms;
    },
  };
}
