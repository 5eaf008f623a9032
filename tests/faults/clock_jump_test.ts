/**
 * A wall clock that is set by hours, forward or back, under a gateway at work: no deadline moves, no
 * worker is taken for dead, and nobody notices.
 */
import assert from "node:assert/strict";
import { breakableWorkers } from "../support/breakable_workers.ts";
import { Bystanders } from "../support/bystanders.ts";

const DEADLINE_MS = 500;
const HOUR_MS = 3_600_000;

/** Sets this thread's wall clock, until it is disposed of. */
function setClock(byMs: number): Disposable {
  const now = Date.now;
  Date.now = () => now() + byMs;
  return {
    [Symbol.dispose]: () => {
      Date.now = now;
    },
  };
}

for (const hours of [5, -5]) {
  Deno.test(`a clock that is set by ${hours} hours moves no deadline`, async () => {
    using workers = breakableWorkers();
    await using bystanders = await Bystanders.start({
      runtime: "heartbeat_ms = 100",
      script: ({ body }) => body.user === "late" ? { hang: "headers" } : undefined,
    });
    const { gateway } = bystanders;
    await bystanders.unharmedBy(async () => {
      const askedAt = performance.now();
      const late = gateway.ask({ user: "late", fusion: { deadline_ms: DEADLINE_MS } });
      await gateway.upstream.waitFor(({ body, model }) => body.user === "late" && model === "c");

      using _clock = setClock(hours * HOUR_MS);
      for (const worker of workers.made) {
        workers.break(worker, { break: "set_clock", byMs: hours * HOUR_MS });
      }
      const { status, body } = await late;
      const tookMs = performance.now() - askedAt;
      assert.deepEqual([status, body.error.code], [504, "deadline_exceeded"]);
      assert.ok(tookMs >= DEADLINE_MS - 1 && tookMs < DEADLINE_MS + 2_000, `${tookMs} ms`);
      await gateway.upstream.waitFor((each) => each.model === "c" && each.endedAs === "aborted");

      // Whoever comes after it has been set is served, and has the time that is theirs.
      assert.equal((await gateway.ask()).status, 200);
      const lateAgain = await gateway.ask({ user: "late", fusion: { deadline_ms: 50 } });
      assert.equal(lateAgain.status, 504);
    });
    assert.equal(gateway.lines.some((line) => line.includes("worker down")), false);
  });
}
