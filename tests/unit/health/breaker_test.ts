import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Breaker,
  type BreakerPolicy,
  type Told,
  type Verdict,
} from "../../../src/health/breaker.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function breaker(policy: Partial<BreakerPolicy> = {}) {
  const clock = new ManualClock();
  const changes: string[] = [];
  const made = new Breaker({
    consecutiveFailures: 3,
    failureRatio: 0.5,
    minCalls: 10,
    windowMs: 10_000,
    openMs: 1_000,
    ...policy,
    now: () => clock.now(),
    onChange: (state) => changes.push(state),
  });
  return { breaker: made, clock, changes };
}

function call(breaker: Breaker, ...verdicts: Verdict[]): void {
  for (const verdict of verdicts) {
    const told = breaker.enter();
    assert.ok(told, "was not let through");
    told(verdict);
  }
}

/** One that three failures have opened. */
function opened() {
  const all = breaker();
  call(all.breaker, "bad", "bad", "bad");
  return all;
}

Deno.test("Breaker opens on failures in a row", () => {
  const { breaker: fuse, changes } = breaker();
  call(fuse, "bad", "bad", "good", "bad", "bad");
  assert.equal(fuse.state, "closed");
  call(fuse, "bad");
  assert.equal(fuse.state, "open");
  assert.equal(fuse.enter(), undefined);
  assert.deepEqual(changes, ["open"]);
});

Deno.test("Breaker opens on a share of failures, once there are calls enough", () => {
  const { breaker: fuse } = breaker();
  call(fuse, "bad", "good", "bad", "good", "bad", "good", "bad", "good", "good");
  assert.equal(fuse.state, "closed");
  call(fuse, "bad");
  assert.equal(fuse.state, "open");
});

Deno.test("Breaker forgets failures that are older than its window", () => {
  const { breaker: fuse, clock } = breaker();
  call(fuse, "bad", "good", "bad", "good", "bad", "good", "bad", "good", "good");
  clock.advance(11_000);
  call(fuse, "bad");
  assert.equal(fuse.state, "closed");
});

Deno.test("Breaker counts nothing that says nothing of the upstream", () => {
  const { breaker: fuse } = breaker();
  call(fuse, "bad", "none", "bad", "none", "none", "none");
  assert.equal(fuse.state, "closed");
  call(fuse, "bad");
  assert.equal(fuse.state, "open", "nor does it break a row");
});

Deno.test("Breaker lets one probe through when its time is over, and an answer closes it", () => {
  const { breaker: fuse, clock, changes } = opened();
  clock.advance(999);
  assert.equal(fuse.state, "open");
  clock.advance(1);
  assert.equal(fuse.state, "half_open");
  const probe = fuse.enter();
  assert.equal(fuse.enter(), undefined, "one is enough");
  probe?.("good");
  assert.equal(fuse.state, "closed");
  call(fuse, "bad", "bad");
  assert.equal(fuse.state, "closed", "its count begins anew");
  assert.deepEqual(changes, ["open", "closed"]);
});

Deno.test("Breaker opens anew when its probe fails", () => {
  const { breaker: fuse, clock } = opened();
  clock.advance(1_000);
  call(fuse, "bad");
  assert.equal(fuse.state, "open");
  clock.advance(999);
  assert.equal(fuse.state, "open");
  clock.advance(1);
  assert.equal(fuse.state, "half_open");
});

Deno.test("Breaker takes another probe where the first showed nothing", () => {
  const { breaker: fuse, clock } = opened();
  clock.advance(1_000);
  call(fuse, "none");
  assert.equal(fuse.state, "half_open");
  call(fuse, "good");
  assert.equal(fuse.state, "closed");
});

Deno.test("Breaker does not listen to calls that began before it opened", () => {
  const { breaker: fuse, clock } = breaker();
  const [early, late] = [fuse.enter(), fuse.enter()];
  call(fuse, "bad", "bad", "bad");
  early?.("good");
  assert.equal(fuse.state, "open");
  clock.advance(1_000);
  late?.("bad");
  assert.equal(fuse.state, "half_open", "only the probe decides");
});

Deno.test("Breaker counts each call once, however often its end is told", () => {
  const { breaker: fuse } = breaker();
  const told = fuse.enter();
  for (let times = 0; times < 5; times++) told?.("bad");
  assert.equal(fuse.state, "closed");
});

Deno.test("Breaker is never stuck and never lets two probes through, whatever happens", () => {
  const event = fc.oneof(
    fc.record({ does: fc.constant("enter" as const) }),
    fc.record({
      does: fc.constant("end" as const),
      who: fc.nat(10),
      verdict: fc.constantFrom<Verdict[]>("good", "bad", "bad", "none"),
    }),
    fc.record({ does: fc.constant("wait" as const), ms: fc.nat(1_500) }),
  );
  fc.assert(fc.property(fc.array(event, { maxLength: 80 }), (events) => {
    const { breaker: fuse, clock } = breaker();
    const calls: { told: Told; probe: boolean }[] = [];
    for (const each of events) {
      if (each.does === "wait") clock.advance(each.ms);
      if (each.does === "end") {
        calls.splice(each.who % Math.max(1, calls.length), 1)[0]?.told(each.verdict);
      }
      if (each.does === "enter") {
        const { state } = fuse;
        const told = fuse.enter();
        assert.equal(told === undefined, state === "open" || (state === "half_open" && hasProbe()));
        if (told) calls.push({ told, probe: state === "half_open" });
      }
    }
    function hasProbe() {
      return calls.some(({ probe }) => probe);
    }
    for (const { told } of calls) told("none");
    clock.advance(1_000);
    call(fuse, "good");
    assert.equal(fuse.state, "closed");
  }));
});
