import assert from "node:assert/strict";
import { analysisReport } from "../../../../src/cli/demo/analysis_report.ts";
import { costTable } from "../../../../src/cli/demo/cost_table.ts";
import { memberShares } from "../../../../src/cli/demo/framing.ts";
import { type Ink, plainInk, terminalInk } from "../../../../src/cli/demo/ink.ts";
import { timeline } from "../../../../src/cli/demo/timeline.ts";
import { looks } from "./drawing.ts";
import { MOON_TRACE } from "./moon_trace.ts";

const cast = { minQuorum: 3, judge: "arbiter", synthesizer: "writer", disconnected: ["snail"] };

function everything(ink: Ink): string[] {
  return [
    ...memberShares(MOON_TRACE, ink),
    ...timeline(MOON_TRACE, cast, ink),
    ...analysisReport(MOON_TRACE, cast, ink),
    ...costTable(MOON_TRACE, ink),
  ];
}

Deno.test("terminalInk() is as wide as its terminal, within reason, and no drawing is wider", () => {
  for (const [columns, width] of [[20, 72], [72, 72], [97, 97], [400, 120]] as const) {
    const ink = terminalInk(columns);
    assert.equal(ink.width, width);
    const tooWide = looks(everything(ink)).split("\n").filter((line) => line.length > width);
    assert.deepEqual(tooWide, []);
  }
});

Deno.test("terminalInk() paints, plainInk does not", () => {
  assert.equal(terminalInk(80).paint("good", "yes"), "\x1b[32myes\x1b[39m");
  assert.equal(plainInk.paint("good", "yes"), "yes");
});
