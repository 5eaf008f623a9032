/**
 * The README's configurations load.
 * @module
 */
import assert from "node:assert/strict";
import { parseConfig } from "../src/config/load.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const configs = [...readme.matchAll(/```toml\n(.*?)```/gs)].map((match) => match[1]!);

Deno.test("README shows a configuration for vLLM, Ollama and a hosted API, and each loads", () => {
  assert.equal(configs.length, 3);
  for (const config of configs) {
    assert.ok(config.trim().split("\n").length <= 14, "a short configuration is promised");
    assert.equal(parseConfig(config, { path: "README.md", env: {} }).type, "loaded", config);
  }
});
