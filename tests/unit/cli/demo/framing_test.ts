import assert from "node:assert/strict";
import { invitation, memberShares, opening } from "../../../../src/cli/demo/framing.ts";
import { plainInk } from "../../../../src/cli/demo/ink.ts";
import { demoConfig, MODEL, NEXT_QUESTION, QUESTION } from "../../../../src/cli/demo/scene.ts";
import { looks, notPlain } from "./drawing.ts";
import { MOON_TRACE } from "./moon_trace.ts";

const { panel } = demoConfig("http://127.0.0.1:1/v1").profiles[0]!;

Deno.test("opening() says that the models are simulated, what is asked, and of whom", () => {
  const lines = opening({ question: QUESTION, model: MODEL, panel }, plainInk);
  const text = looks(lines);
  assert.match(text, /Every model below is simulated/);
  assert.ok(text.includes(QUESTION));
  for (const { id } of panel.members) assert.ok(text.includes(id), id);
  assert.deepEqual(notPlain(lines), []);
});

Deno.test("memberShares() names the largest first and leaves out who was not used", () => {
  assert.equal(
    looks(memberShares(MOON_TRACE, plainInk)),
    "\n  Share of each member: swift 60%, scholar 30%, builder 25%, bluffer 0%.",
  );
  const unmeasured = MOON_TRACE.panel.map((member) => ({ ...member, share: null }));
  assert.deepEqual(memberShares({ ...MOON_TRACE, panel: unmeasured }, plainInk), []);
});

Deno.test("invitation() fits the page at the longest address and holds a body that parses", () => {
  const url = "http://255.255.255.255:65535";
  const lines = invitation({ url, model: MODEL, question: NEXT_QUESTION }, plainInk);
  assert.deepEqual(notPlain(lines), []);
  const body = /-d '([^']*)'/.exec(lines.join("\n"))?.[1] ?? "";
  assert.deepEqual(JSON.parse(body), {
    model: MODEL,
    messages: [{ role: "user", content: NEXT_QUESTION }],
  });
});
