import assert from "node:assert/strict";
import { DEFAULT_BACKGROUND_RULES } from "../../../src/config/background_rules.ts";
import type { Config } from "../../../src/config/config.ts";
import { loaded } from "./loading.ts";

/** Configs in the shape that paperclipinc/chorus reads, one for each kind of backend it names. */
function reference(name: string): Config {
  return loaded(Deno.readTextFileSync(`tests/support/reference_configs/${name}.toml`));
}

const on = (model: string) => ({ id: model, backend: "default", model });

/** What every profile has that does not say otherwise. */
const background = { background: "single", backgroundRules: [...DEFAULT_BACKGROUND_RULES] };

Deno.test("a reference config for one vLLM server means the same: one model, sampled", () => {
  const { server, backends, profiles } = reference("vllm_self_moa");
  assert.equal(server.bind, "0.0.0.0:9000");
  assert.equal(server.maxConcurrentRequests, 16);
  assert.deepEqual(backends, [{
    name: "default",
    baseUrl: "http://gpu-box:8000/v1",
    apiKeyEnv: "VLLM_KEY",
    timeoutMs: 120_000,
  }]);
  const [profile] = profiles;
  const model = on("mistralai/Mistral-Small-24B");
  assert.deepEqual(profile?.panel, {
    members: [model],
    selfMoa: true,
    samples: 5,
    minQuorum: 1,
    timeoutMs: 90_000,
    belowQuorum: "fail",
  });
  assert.deepEqual(profile?.router, {
    policy: "always_fuse",
    singleModel: model,
    threshold: 0.5,
    ...background,
  });
});

Deno.test("a reference config for Ollama means the same, with the reference's defaults", () => {
  const { server, backends, profiles } = reference("ollama");
  assert.equal(server.maxConcurrentRequests, 64);
  assert.equal(backends[0]?.timeoutMs, 120_000);
  const [profile] = profiles;
  assert.deepEqual(profile?.panel.members, ["gemma3:12b", "phi4:14b", "qwen3:8b"].map(on));
  assert.equal(profile?.panel.timeoutMs, 90_000);
  assert.deepEqual(profile?.aggregator, {
    judge: on("gemma3:12b"),
    synthesizer: on("phi4:14b"),
    anonymizeSources: true,
    normalizeLength: true,
    singleSourceCap: true,
    layers: 1,
    maxReferenceChars: 8_000,
    mode: "synthesize",
    judgeSwaps: 1,
    maxShare: 0.8,
    consensusThreshold: 0.8,
  });
});

Deno.test("a reference config for a hosted API means the same: its list of tools is no policy", () => {
  const { backends, profiles } = reference("hosted");
  assert.equal(backends[0]?.baseUrl, "https://api.hosting.example/openai/v1");
  const [profile] = profiles;
  assert.deepEqual(profile?.tools, { policy: "bypass" });
  assert.equal(profile?.panel.minQuorum, 4);
  assert.equal(profile?.aggregator.normalizeLength, false);
  assert.equal(profile?.aggregator.singleSourceCap, false);
  assert.equal(profile?.aggregator.maxReferenceChars, 12_000);
});

Deno.test("a reference config's panel time is not cut by the deadline it does not name", () => {
  const [profile] = reference("hosted").profiles;
  assert.equal(profile?.panel.timeoutMs, 300_000);
  assert.equal(profile?.deadlineMs, 600_000);
});

Deno.test("a reference config for a gateway means the same: classifier and two profiles", () => {
  const { profiles } = reference("gateway_classifier");
  assert.deepEqual(profiles.map((profile) => profile.name), ["routed", "sampled"]);
  assert.deepEqual(profiles[0]?.router, {
    policy: "classifier",
    singleModel: on("makers/good"),
    classifierModel: on("makers/tiny"),
    threshold: 0.35,
    ...background,
  });
  // Under self_moa the members beyond the first are not asked, and are no fault.
  assert.equal(profiles[1]?.panel.selfMoa, true);
  assert.equal(profiles[1]?.panel.samples, 3);
  assert.deepEqual(profiles[1]?.panel.members, ["rivals/good", "others/good"].map(on));
  assert.equal(profiles[1]?.router.threshold, 1);
});
