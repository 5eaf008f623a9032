/**
 * Loading: short ways to a loaded config or to its fault lines, for the tests of this room.
 * @module
 */
import assert from "node:assert/strict";
import type { Config } from "../../../src/config/config.ts";
import { faultLine } from "../../../src/config/faults.ts";
import { parseConfig } from "../../../src/config/load.ts";

type Env = Readonly<Record<string, string>>;

/** The least that loads: a panel of three calls. More text can follow: it ends within `[backend]`. */
export const LEAST = `
[[profiles]]
name = "p"
[profiles.panel]
members = ["a", "b", "c"]
[profiles.aggregator]
synthesizer = "s"
[backend]
base_url = "http://localhost:8000/v1"
`;

export function loaded(text: string, env: Env = {}): Config {
  const result = parseConfig(text, { path: "config.toml", env });
  assert.deepEqual(result.type === "faults" ? result.faults.map(faultLine) : [], []);
  assert(result.type === "loaded");
  return result.config;
}

export function faultLines(text: string, env: Env = {}): string[] {
  const result = parseConfig(text, { path: "config.toml", env });
  return result.type === "faults" ? result.faults.map(faultLine) : [];
}
