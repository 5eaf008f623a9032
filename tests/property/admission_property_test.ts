import assert from "node:assert/strict";
import fc from "fast-check";
import { Admission, type Permit } from "../../src/gate/admission.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What may happen to a house, in any order; the numbers choose whom it happens to. */
const step = fc.oneof(
  fc.record({ does: fc.constant("enter" as const), calls: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ does: fc.constant("leave" as const), who: fc.nat(20) }),
  fc.record({ does: fc.constant("release" as const), who: fc.nat(20), times: fc.nat(2) }),
  fc.record({ does: fc.constant("wait" as const), ms: fc.nat(600) }),
);

Deno.test("Admission never exceeds, leaks or reorders permits, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.nat(5),
      fc.constantFrom(0, 5, 12),
      fc.array(step, { maxLength: 60 }),
      async (maxConcurrentRequests, queueLimit, maxUpstreamCalls, steps) => {
        const clock = new ManualClock();
        const admission = new Admission(
          { maxConcurrentRequests, queueLimit, queueTimeoutMs: 500, maxUpstreamCalls },
          { clock },
        );
        const held: Permit[] = [];
        const leavers: AbortController[] = [];
        const admitted: number[] = [];
        let arrivals = 0;
        let refused = 0;

        for (const event of steps) {
          switch (event.does) {
            case "enter": {
              const number = arrivals++;
              const leaver = new AbortController();
              leavers.push(leaver);
              admission.enter({ signal: leaver.signal, calls: event.calls }).then(
                (permit) => (held.push(permit), admitted.push(number)),
                () => refused++,
              );
              break;
            }
            case "leave":
              leavers[event.who]?.abort();
              break;
            case "release": {
              const [permit] = held.splice(event.who % Math.max(1, held.length), 1);
              for (let i = 0; i < event.times + 1; i++) permit?.[Symbol.dispose]();
              break;
            }
            case "wait":
              clock.advance(event.ms);
              break;
            default:
              event satisfies never;
          }
          await settled();
          assert.equal(admission.inFlight, held.length);
          assert.ok(admission.inFlight <= maxConcurrentRequests);
          assert.ok(admission.queueDepth <= queueLimit);
          assert.equal(arrivals, admitted.length + refused + admission.queueDepth);
          assert.deepEqual(admitted, admitted.toSorted((a, b) => a - b));
          if (maxUpstreamCalls > 0) assert.ok(admission.callsInUse <= maxUpstreamCalls);
          const hasPlace = admission.inFlight < maxConcurrentRequests;
          if (maxUpstreamCalls === 0) assert.ok(admission.queueDepth === 0 || !hasPlace);
          // Somebody is always served while somebody waits.
          if (admission.queueDepth > 0) assert.ok(admission.inFlight > 0);
        }

        const drained = admission.drain();
        await settled();
        held.splice(0).forEach((permit) => permit[Symbol.dispose]());
        await drained;
        assert.equal(admission.inFlight, 0);
        assert.equal(admission.callsInUse, 0);
        assert.equal(admission.queueDepth, 0);
        assert.equal(clock.pending, 0);
      },
    ),
    { numRuns: 300 },
  );
});

/** Lets every promise that can settle do so. */
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await null;
}
