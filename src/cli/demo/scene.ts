/**
 * Scene: what the demo puts on: a question, and a gateway's configuration for the simulated models
 * that answer it. The panel is cast so that all of a run can be seen: three members that agree, one
 * that is wrong, and one that is still thinking when the others have answered.
 * @module
 */
import type { Config } from "../../config/config.ts";
import { faultLine } from "../../config/faults.ts";
import { parseConfig } from "../../config/load.ts";

export const QUESTION = "How far is it from Earth to the Moon?";
/** For the reader to go on with: the simulated models know something about it too. */
export const NEXT_QUESTION = "Why is the sky blue?";
export const MODEL = "fusion/demo";

/** The demo's configuration for a simulated upstream at `baseUrl`. Its prices are made up. */
export function demoConfig(baseUrl: string): Config {
  const parsed = parseConfig(configText(baseUrl), { path: "demo", env: {} });
  if (parsed.type === "faults") throw new Error(parsed.faults.map(faultLine).join("; "));
  return parsed.config;
}

const configText = (baseUrl: string) => `
[backend]
base_url = "${baseUrl}"

[[profiles]]
name = "demo"
deadline_ms = 30000

[profiles.panel]
members = ["swift", "scholar", "builder", "bluffer", "snail"]
min_quorum = 3
grace_ms = 600

[profiles.aggregator]
judge = "arbiter"
synthesizer = "writer"

[[prices]]
model = "swift"
input_per_mtok = 0.15
output_per_mtok = 0.6

[[prices]]
model = "scholar"
input_per_mtok = 1.25
output_per_mtok = 10.0

[[prices]]
model = "builder"
input_per_mtok = 0.3
output_per_mtok = 2.5

[[prices]]
model = "bluffer"
input_per_mtok = 0.1
output_per_mtok = 0.4

[[prices]]
model = "snail"
input_per_mtok = 15.0
output_per_mtok = 75.0

[[prices]]
model = "arbiter"
input_per_mtok = 1.1
output_per_mtok = 4.4

[[prices]]
model = "writer"
input_per_mtok = 3.0
output_per_mtok = 15.0
`;
