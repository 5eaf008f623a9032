import assert from "node:assert/strict";
import { CHAT } from "../support/door.ts";
import { CORPUS } from "./corpus.ts";
import { fuzzDoor } from "./door_fuzz.ts";
import { fuzzServed, withServed } from "./served_fuzz.ts";

/** As stable as the code; `deno task fuzz` tries others. */
const SEED = 4;

Deno.test("door refuses or answers 20,000 hostile requests, and nothing grows", async () => {
  const { accepted, refused } = await fuzzDoor({ runs: 20_000, seed: SEED });
  // Both ends of the door were reached, or the fuzz has lost its point.
  assert.ok(refused > 5_000 && accepted > 2_000, `${refused} refused, ${accepted} accepted`);
});

Deno.test("gateway refuses or answers 500 hostile requests, through sockets and workers", async () => {
  const { accepted, refused } = await fuzzServed({ runs: 500, seed: SEED });
  assert.ok(refused > 50 && accepted > 50, `${refused} refused, ${accepted} accepted`);
});

Deno.test("gateway refuses or answers every body of the corpus, as it says there", async () => {
  await withServed(async (post) => {
    for (const { name, body, status } of CORPUS) {
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      assert.equal((await post({ path: CHAT, bytes })).status, status, name);
    }
  });
});
