import assert from "node:assert/strict";
import fc from "fast-check";
import { RecentCount } from "../../../src/health/recent_count.ts";

Deno.test("RecentCount forgets what is older than its window, in tenths of it", () => {
  const count = new RecentCount(1_000);
  count.add(10_050);
  count.add(10_950);
  assert.equal(count.total(10_999), 2);
  assert.equal(count.total(11_000), 1);
  assert.equal(count.total(11_899), 1);
  assert.equal(count.total(11_900), 0);
});

Deno.test("RecentCount is never further from the truth than one bucket", () => {
  fc.assert(fc.property(fc.array(fc.nat(400), { maxLength: 80 }), (pauses) => {
    const count = new RecentCount(1_000);
    const times: number[] = [];
    let now = 1_700_000_000_000;
    for (const pause of pauses) {
      now += pause;
      count.add(now);
      times.push(now);
      const within = (ms: number) => times.filter((time) => time > now - ms).length;
      assert.ok(count.total(now) >= within(900));
      assert.ok(count.total(now) <= within(1_000));
    }
  }));
});
