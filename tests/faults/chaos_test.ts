/**
 * A short chaos run: `deno task chaos` in a few seconds. The seed fixes what is sent and what fails.
 * @module
 */
import assert from "node:assert/strict";
import { runChaos } from "../chaos/chaos.ts";

const REQUESTS = 120;

Deno.test("a storm of faults leaves each request with one end, usage that adds up, and nothing behind", async () => {
  const { evidence, checks } = await runChaos({
    seed: 1,
    load: 16,
    goesOn: (sent) => sent < REQUESTS,
  });
  assert.deepEqual(checks.filter(({ passed }) => !passed), []);
  const { storm: { sent, killed }, book, reloaded } = evidence;
  assert.equal(sent.length, REQUESTS);
  assert.ok(killed > 0 && reloaded > 0);
  const faults = new Set([...book.calls.values()].flat().map(({ fault }) => fault));
  assert.ok(faults.size > 5, [...faults].join());
  for (const type of ["answered", "failed", "left"]) {
    assert.ok(sent.some(({ end }) => end.type === type), `nobody was ${type}`);
  }
});
