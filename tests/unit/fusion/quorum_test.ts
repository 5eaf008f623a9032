import assert from "node:assert/strict";
import { graceMs, panelStanding } from "../../../src/fusion/quorum.ts";

const CASES = [
  { answered: 0, open: 3, minQuorum: 2, standing: "waiting" },
  { answered: 1, open: 1, minQuorum: 2, standing: "waiting" },
  { answered: 1, open: 0, minQuorum: 2, standing: "impossible" },
  { answered: 0, open: 1, minQuorum: 2, standing: "impossible" },
  { answered: 0, open: 0, minQuorum: 1, standing: "impossible" },
  { answered: 2, open: 1, minQuorum: 2, standing: "quorum" },
  { answered: 3, open: 2, minQuorum: 2, standing: "quorum" },
  { answered: 2, open: 0, minQuorum: 2, standing: "complete" },
  { answered: 3, open: 0, minQuorum: 3, standing: "complete" },
] as const;

for (const { standing, ...count } of CASES) {
  const { answered, open, minQuorum } = count;
  Deno.test(`panelStanding() of ${answered} answered, ${open} open, quorum ${minQuorum} is ${standing}`, () => {
    assert.equal(panelStanding(count), standing);
  });
}

Deno.test("graceMs() is half of what the quorum took, 250 ms to 8 s", () => {
  assert.deepEqual([0, 400, 500, 501, 15_000, 16_000, 90_000].map((ms) => graceMs(ms, undefined)), [
    250,
    250,
    250,
    250.5,
    7_500,
    8_000,
    8_000,
  ]);
});

Deno.test("graceMs() is the configured one where there is one, zero too", () => {
  assert.deepEqual([graceMs(400, 0), graceMs(400, 60_000)], [0, 60_000]);
});
