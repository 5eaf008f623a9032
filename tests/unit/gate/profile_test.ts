import assert from "node:assert/strict";
import { MODES } from "../../../src/fusion/modes.ts";
import { findProfile, profilesByAlias } from "../../../src/gate/profile.ts";
import { Refused } from "../../../src/gate/refusal.ts";
import { profile } from "../../support/scripted_run.ts";

Deno.test("findProfile() finds a profile by its alias", () => {
  const fast = profile({ name: "fast" });
  assert.equal(findProfile(profilesByAlias([profile(), fast]), "fusion/fast"), fast);
});

Deno.test("findProfile() takes a mode behind the alias, for that request alone", () => {
  const own = profile();
  const profiles = profilesByAlias([own]);
  for (const mode of MODES) {
    const { aggregator, ...rest } = findProfile(profiles, `fusion/default:${mode}`);
    assert.deepEqual({ ...rest, aggregator: { ...aggregator, mode: own.aggregator.mode } }, own);
    assert.equal(aggregator.mode, mode);
  }
  assert.equal(own.aggregator.mode, "synthesize");
  assert.deepEqual([...profiles.keys()], ["fusion/default"]);
});

Deno.test("findProfile() refuses every other name", () => {
  const modes = [
    "fusion/default:",
    "fusion/default:best",
    "fusion/default:vote:vote",
    "fusion/x:vote",
  ];
  for (
    const model of [
      ...modes,
      "default",
      "fusion/",
      "fusion/other",
      "FUSION/default",
      "__proto__",
    ]
  ) {
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
