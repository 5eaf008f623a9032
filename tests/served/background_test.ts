/**
 * A chat front end's background tasks through the whole gateway.
 */
import assert from "node:assert/strict";
import { ServedGateway } from "../support/served_gateway.ts";

const TITLE = [{
  role: "user",
  content:
    '### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Output:\nJSON format: { "title": "your concise title here" }',
}];

Deno.test("a front end's title costs one call, streamed and not, and is counted", async () => {
  await using gateway = await ServedGateway.start();
  const { headers, body } = await gateway.ask({ messages: TITLE, fusion: { trace: true } });
  assert.deepEqual([headers.get("x-fusion-route"), headers.get("x-fusion-outcome")], [
    "single",
    "single",
  ]);
  assert.equal(body.fusion.router.why, "background");
  assert((await gateway.stream({ messages: TITLE })).done);
  assert.deepEqual(gateway.asked, ["solo", "solo"]);
  await gateway.ask();
  const metrics = await gateway.metrics();
  assert.match(metrics, /tutti_router_decisions_total\{profile="test",decision="background"\} 2/);
  assert.match(metrics, /tutti_router_decisions_total\{profile="test",decision="fuse"\} 1/);
});

Deno.test("whoever asks for a route gets it", async () => {
  await using gateway = await ServedGateway.start();
  const { headers } = await gateway.ask({ messages: TITLE, fusion: { route: "fuse" } });
  assert.equal(headers.get("x-fusion-route"), "fuse");
});

Deno.test('background = "fuse" asks the panel for titles, too', async () => {
  await using gateway = await ServedGateway.start({ router: 'background = "fuse"' });
  assert.equal((await gateway.ask({ messages: TITLE })).headers.get("x-fusion-route"), "fuse");
});

Deno.test("background_rules are the operator's to write", async () => {
  await using gateway = await ServedGateway.start({
    router: 'background_rules = ["[system task] * summary"]',
  });
  const mine = [{ role: "user", content: "[SYSTEM TASK]\nwrite a summary of the chat" }];
  assert.equal((await gateway.ask({ messages: mine })).headers.get("x-fusion-route"), "single");
  assert.equal((await gateway.ask({ messages: TITLE })).headers.get("x-fusion-route"), "fuse");
});
