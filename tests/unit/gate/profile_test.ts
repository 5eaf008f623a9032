import assert from "node:assert/strict";
import { findProfile, profilesByAlias } from "../../../src/gate/profile.ts";
import { Refused } from "../../../src/gate/refusal.ts";
import { profile } from "../../support/scripted_run.ts";

Deno.test("findProfile() finds a profile by its alias", () => {
  const fast = profile({ name: "fast" });
  assert.equal(findProfile(profilesByAlias([profile(), fast]), "fusion/fast"), fast);
});

Deno.test("findProfile() refuses every other name", () => {
  for (const model of ["default", "fusion/", "fusion/other", "FUSION/default", "__proto__"]) {
    assert.throws(
      () => findProfile(profilesByAlias([profile()]), model),
      (error) => {
        assert.ok(error instanceof Refused);
        assert.deepEqual(error.refusal, { type: "model_not_found", model });
        return true;
      },
    );
  }
});
