import assert from "node:assert/strict";
import { analysisReport } from "../../../../src/cli/demo/analysis_report.ts";
import { plainInk, terminalInk } from "../../../../src/cli/demo/ink.ts";
import { looks, notPlain } from "./drawing.ts";
import { MOON_TRACE } from "./moon_trace.ts";

const OPTIONS = { judge: "arbiter" };

Deno.test("analysisReport() says who stands where, by the members' names", () => {
  const lines = analysisReport(MOON_TRACE, OPTIONS, plainInk);
  assert.equal(
    looks(lines),
    `
  ANALYSIS --------------------- by arbiter, who saw the answers without names

  agreed       + The orbit is an ellipse, so the distance varies over the
                 month by a tenth.

  contested      average distance
               + It is 384,400 km on average.
                 3 of 4: swift, scholar, builder
               x It is 238,900 km on average.
                 1 of 4: bluffer

  only one     swift Light needs about 1.3 seconds.

  missed       None names a source.

  objection    bluffer may have meant miles.

  reliability  swift   0.90 ##################
               scholar 0.80 ################
               builder 0.80 ################
               bluffer 0.35 #######`,
  );
  assert.deepEqual(notPlain(lines), []);
});

Deno.test("analysisReport() of a run without an analysis says so", () => {
  const lines = analysisReport({ ...MOON_TRACE, analysis: null }, OPTIONS, plainInk);
  assert.match(looks(lines), /ANALYSIS .*\n\n {2}None came\.$/);
});

Deno.test("analysisReport() calls no side of a tie the right one", () => {
  const contradictions = [{
    topic: "distance",
    positions: [{ labels: ["M1"], claim: "Far." }, { labels: ["M2"], claim: "Near." }],
  }];
  const lines = analysisReport({ ...MOON_TRACE, analysis: { contradictions } }, OPTIONS, plainInk);
  assert.deepEqual(looks(lines).split("\n").slice(3), [
    "  contested      distance",
    "               x Far.",
    "                 1 of 2: swift",
    "               x Near.",
    "                 1 of 2: scholar",
  ]);
});

Deno.test("analysisReport() lets nothing that a judge wrote steer the terminal", () => {
  const analysis = { consensus: ["\x1b[2J\x1b]0;title\x07cleared\u009b1m"] };
  const lines = analysisReport({ ...MOON_TRACE, analysis }, OPTIONS, plainInk);
  assert.deepEqual(notPlain(lines), []);
  const painted = analysisReport({ ...MOON_TRACE, analysis }, OPTIONS, terminalInk(80));
  assert.ok(painted.every((line) => !line.includes("\x1b[2J") && !line.includes("\x07")));
});
