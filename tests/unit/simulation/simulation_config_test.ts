import assert from "node:assert/strict";
import { readSimulationConfig } from "../../../src/simulation/simulation_config.ts";

Deno.test("readSimulationConfig() reads every setting", () => {
  const result = readSimulationConfig(`
    seed = 7
    api_key = "k"
    strict_models = true
    [defaults]
    tokens_per_second = inf
    [[models]]
    name = "fast"
    first_token_ms = 20
    answer_bytes = 1024
    refuses = ["temperature", "system"]
    [[models]]
    name = "odd"
    first_token_ms = { median = 300, sigma = 0.4 }
    tokens_per_second = 80
    failures = { http500 = 0.1, http429 = 0.2, hang = 0.1, cut = 0.1, malformed = 0.1, empty = 0.1, drip = 0.1 }
    retry_after_s = 3
    drip_ms = 50
    persona = "wrong"
    reasoning = true
    cached_share = 0.5
  `);
  assert.ok("options" in result);
  const { models, ...options } = result.options;
  assert.deepEqual(options, {
    seed: 7,
    apiKey: "k",
    strictModels: true,
    defaults: { tokensPerSecond: Infinity },
  });
  assert.deepEqual(models?.[0], {
    name: "fast",
    firstTokenMs: 20,
    answerBytes: 1024,
    refuses: ["temperature", "system"],
  });
  assert.equal(models?.[1]?.failures?.http429, 0.2);
  assert.equal(models?.[1]?.cachedShare, 0.5);
});

Deno.test("readSimulationConfig() names every fault", () => {
  const result = readSimulationConfig(`
    sed = 7
    [[models]]
    name = ""
    first_token_ms = -1
    refuses = ["everything"]
    failures = { hang = 0.7, cut = 0.7 }
  `);
  assert.ok("faults" in result);
  const text = result.faults.join("\n");
  for (const named of ["sed", "models.0.name", "models.0.first_token_ms", "models.0.refuses.0"]) {
    assert.ok(text.includes(named), `${named} in ${text}`);
  }
  assert.match(text, /models\.0\.failures: the rates add up to more than 1/);
});

Deno.test("readSimulationConfig() says in one line that a file is no TOML", () => {
  const result = readSimulationConfig("[[[");
  assert.ok("faults" in result);
  assert.equal(result.faults.length, 1);
  assert.doesNotMatch(result.faults[0]!, /\n/);
});

Deno.test("readSimulationConfig() serves every model that a gateway's config names", () => {
  const result = readSimulationConfig(`
    [backend]
    base_url = "http://127.0.0.1:1/v1"
    [[profiles]]
    name = "default"
    [profiles.router]
    policy = "classifier"
    single_model = "one"
    classifier_model = "local::tiny:1b"
    [profiles.panel]
    members = ["one", "local::two", { model = "three", temperature = 0.2 }]
    [profiles.aggregator]
    judge = "four"
    synthesizer = "one"
  `);
  assert.ok("options" in result);
  assert.deepEqual(
    result.options.models?.map(({ name }) => name),
    ["one", "tiny:1b", "two", "three", "four"],
  );
});
