import assert from "node:assert/strict";
import { drained, drainMs, emptyBucket, filled, unitLevel } from "../../../src/store/bucket.ts";

Deno.test("drained() gives back a whole limit in a minute", () => {
  const full = filled({ ...emptyBucket, at: 1_000 }, 90);
  assert.equal(drained(full, 31_000, 90).level, 45 * unitLevel);
  assert.equal(drained(full, 61_000, 90).level, 0);
  assert.equal(drained(full, 999_999_999, 90).level, 0);
});

Deno.test("drained() neither drains nor blocks when the clock is set back", () => {
  const bucket = { level: 10 * unitLevel, at: 3_600_000 };
  const later = drained(bucket, 0, 60);
  assert.deepEqual(later, { level: 10 * unitLevel, at: 0 });
  assert.equal(drained(later, 10_000, 60).level, 0);
});

Deno.test("drainMs() is the first millisecond at which that much is gone", () => {
  for (const perMinute of [1, 7, 60, 99_991]) {
    const bucket = filled({ level: 0, at: 0 }, 1);
    const ms = drainMs(bucket.level, perMinute);
    assert.equal(drained(bucket, ms, perMinute).level, 0);
    assert.ok(drained(bucket, ms - 1, perMinute).level > 0);
  }
});
