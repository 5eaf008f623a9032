import assert from "node:assert/strict";
import { ResponseStore, type StoreLimits } from "../../../src/gate/response_store.ts";
import type { ResponseBody } from "../../../src/openai/response_body.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function store(limits: Partial<StoreLimits>) {
  const responses = new ResponseStore(new ManualClock(), {
    maxResponses: 100,
    maxChars: 10_000,
    maxAgeMs: 1_000,
    ...limits,
  });
  const put = (id: string, content = "") =>
    responses.put({
      body: { id } as ResponseBody,
      messages: [{ role: "user", content }],
    }, undefined);
  const kept = (...ids: string[]) => ids.filter((id) => responses.get(id, undefined));
  return { put, kept };
}

Deno.test("ResponseStore forgets the oldest of more than it may keep", () => {
  const { put, kept } = store({ maxResponses: 2 });
  for (const id of ["a", "b", "c"]) put(id);
  assert.deepEqual(kept("a", "b", "c"), ["b", "c"]);
});

Deno.test("ResponseStore forgets the oldest when all together are too large", () => {
  const { put, kept } = store({ maxChars: 1_000 });
  put("a", "x".repeat(400));
  put("b", "x".repeat(400));
  put("c", "x".repeat(400));
  assert.deepEqual(kept("a", "b", "c"), ["b", "c"]);
});

Deno.test("ResponseStore keeps nothing that is too large by itself, and forgets the rest for it", () => {
  const { put, kept } = store({ maxChars: 1_000 });
  put("a");
  put("b", "x".repeat(2_000));
  put("c");
  assert.deepEqual(kept("a", "b", "c"), ["c"]);
});
