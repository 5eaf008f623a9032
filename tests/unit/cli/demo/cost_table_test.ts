import assert from "node:assert/strict";
import { costTable } from "../../../../src/cli/demo/cost_table.ts";
import { plainInk } from "../../../../src/cli/demo/ink.ts";
import { looks, notPlain } from "./drawing.ts";
import { MOON_TRACE } from "./moon_trace.ts";

Deno.test("costTable() adds up what every stage used", () => {
  const lines = costTable(MOON_TRACE, plainInk);
  assert.equal(
    looks(lines),
    `
  TOKENS AND COST ------------------------------------------ at made-up prices

                    prompt       cached   completion        total         cost
  panel                 40            8          200          240    $0.000725
  judge                400            0          250          650    $0.001500
  synthesis            700            0           80          780    $0.003000
  ----------------------------------------------------------------------------
  total              1,140            8          530        1,670    $0.005225

  Route: fuse. Outcome: fused. Seed: seed.`,
  );
  assert.deepEqual(notPlain(lines), []);
});
