import assert from "node:assert/strict";
import { plainInk, terminalInk } from "../../../../src/cli/demo/ink.ts";
import { timeline } from "../../../../src/cli/demo/timeline.ts";
import { looks, notPlain } from "./drawing.ts";
import { MOON_TRACE } from "./moon_trace.ts";

const OPTIONS = {
  minQuorum: 3,
  judge: "arbiter",
  synthesizer: "writer",
  disconnected: ["snail"],
};

Deno.test("timeline() draws every actor on one axis in plain text", () => {
  const lines = timeline(MOON_TRACE, OPTIONS, plainInk);
  assert.equal(
    looks(lines),
    `
  TIMELINE ----------------------------------------------------- 3.20 s in all

                             . quorum of 3, 0.60 s
                             :      . grace over, 1.20 s
  panel      bluffer  ####   :      :                          answered 0.30 s
             swift    #####  :      :                          answered 0.40 s
             builder  ########      :                          answered 0.60 s
             scholar  ##########    :                          answered 0.80 s
             snail    --------------x                         cancelled 1.20 s
  judge      arbiter                ##########                   judged 2.00 s
  synthesis  writer                          -----##########    written 3.20 s
                      +-----------+-----------+-------------
                      0 s         1 s         2 s

  snail was cancelled as the grace ended; its upstream saw the socket close.`,
  );
  assert.deepEqual(notPlain(lines), []);
});

Deno.test("timeline() draws to an eighth of a column on a terminal, over its width", () => {
  const lines = timeline(MOON_TRACE, { ...OPTIONS, disconnected: [] }, terminalInk(100));
  assert.equal(
    looks(lines),
    `
  TIMELINE ───────────────────────────────────────────────────────────────────────── 3.20 s in all

                                ╭ quorum of 3, 0.60 s
                                ┊          ╭ grace over, 1.20 s
  panel      bluffer  █████▌    ┊          ┊                                       answered 0.30 s
             swift    ███████▎  ┊          ┊                                       answered 0.40 s
             builder  ██████████▉          ┊                                       answered 0.60 s
             scholar  ██████████████▌      ┊                                       answered 0.80 s
             snail    ░░░░░░░░░░░░░░░░░░░░░✗                                      cancelled 1.20 s
  judge      arbiter                       ███████████████▎                          judged 2.00 s
  synthesis  writer                                       ░░░░░░░███████████████    written 3.20 s
                      ╰────────┴────────┴────────┴────────┴────────┴────────┴───
                      0 s      0.5 s    1 s      1.5 s    2 s      2.5 s    3 s`,
  );
});

Deno.test("timeline() puts a moment's words before it where there is no room after it", () => {
  const moments = [{ at_ms: 3_200, what: "grace_over" }];
  const [, , , label, row] = timeline({ ...MOON_TRACE, moments }, OPTIONS, plainInk);
  assert.match(label ?? "", / grace over, 3\.20 s \.$/);
  assert.equal(label?.lastIndexOf("."), row?.indexOf(":"));
});

Deno.test("timeline() shows why a member has no answer, and keeps within the page", () => {
  const panel = MOON_TRACE.panel.map((member) => ({
    ...member,
    status: "unavailable" as const,
    ms: 12_345.6,
  }));
  const lines = timeline({ ...MOON_TRACE, panel }, OPTIONS, plainInk);
  assert.match(looks(lines), /swift {4}-+x {2}unavailable 12\.35 s\n/);
  assert.deepEqual(notPlain(lines), []);
});

Deno.test("timeline() of a run in which nothing took any time still draws a column each", () => {
  const panel = MOON_TRACE.panel.map((member) => ({ ...member, ms: 0 }));
  const lines = timeline(
    { ...MOON_TRACE, panel, stages: [], moments: [] },
    OPTIONS,
    plainInk,
  );
  assert.match(looks(lines), /swift {4}# +answered 0\.00 s\n/);
});
