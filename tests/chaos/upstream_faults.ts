/**
 * Upstream faults: what happens to one call at the upstream. The seed, the request, the model and
 * how often that model was asked for it decide it, not the order in which calls come in.
 * @module
 */
import type { Behaviour } from "../../src/simulation/behaviour.ts";
import { seededRng } from "../../src/simulation/rng.ts";
import { draw, type Weighted } from "./draw.ts";

export interface UpstreamFault {
  readonly name: string;
  readonly behaviour: Behaviour;
}

/** What drips or hangs never ends by itself: a time limit or a hang-up has to end it. */
const FAULTS: Weighted<UpstreamFault> = [
  [75, { name: "none", behaviour: {} }],
  [5, { name: "500", behaviour: { status: 500 } }],
  [3, { name: "429", behaviour: { fault: "http429" } }],
  [2, { name: "hangs before headers", behaviour: { hang: "headers" } }],
  [2, { name: "hangs in mid-body", behaviour: { hang: "body" } }],
  [4, { name: "cut in mid-body", behaviour: { fault: "cut" } }],
  [3, { name: "malformed", behaviour: { fault: "malformed" } }],
  [2, { name: "empty", behaviour: { fault: "empty" } }],
  [2, { name: "drips", behaviour: { fault: "drip" } }],
  [2, { name: "slow", behaviour: { delayMs: 500, chunkMs: 10 } }],
];

export const NO_FAULT: UpstreamFault = FAULTS[0]![1];
export const FAULT_NAMES: readonly string[] = FAULTS.map(([, { name }]) => name);

/** `attempt` counts the calls of the request to this model: 0, 1, … */
export function faultOf(
  call: { readonly request: string; readonly model: string; readonly attempt: number },
  seed: number,
): UpstreamFault {
  return draw(FAULTS, seededRng(seed, "call", call.request, call.model, call.attempt));
}
