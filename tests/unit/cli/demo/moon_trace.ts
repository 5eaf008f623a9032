/**
 * A trace as the demo's gateway sends it: three members that agree, one that does not, one that was
 * cancelled; round figures, so that columns can be counted.
 * @module
 */
import type { FusionTrace } from "../../../../src/cli/demo/ask_gateway.ts";

const tokens = (prompt: number, completion: number, cached = 0) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: 0 },
});

const member = (label: string, model: string, endMs: number) => ({
  label,
  model,
  layer: 0,
  status: "answered" as const,
  start_ms: 0,
  ms: endMs,
  usage: tokens(10, 50),
  share: 0.25,
});

export const MOON_TRACE: FusionTrace = {
  route: "fuse",
  outcome: "fused",
  router: null,
  panel: [
    { ...member("M1", "swift", 400), share: 0.6 },
    { ...member("M2", "scholar", 800), share: 0.304 },
    member("M3", "builder", 600),
    { ...member("M4", "bluffer", 300), share: 0 },
    { ...member("M5", "snail", 1_200), status: "cancelled", usage: tokens(0, 0), share: null },
  ],
  analysis: {
    consensus: ["The orbit is an ellipse, so the distance varies over the month by a tenth."],
    contradictions: [{
      topic: "average distance",
      positions: [
        { labels: ["M1", "M2", "M3"], claim: "It is 384,400 km on average." },
        { labels: ["M4"], claim: "It is 238,900 km on average." },
      ],
    }],
    unique_insights: [{ label: "M1", insight: "Light needs about 1.3 seconds." }],
    blind_spots: ["None names a source."],
    reliability: { M4: 0.35, M2: 0.8, M1: 0.9, M3: 0.8 },
    strongest_objection: "M4 may have meant miles.",
  },
  stages: [
    { stage: "panel", start_ms: 0, ms: 1_200, usage: tokens(40, 200, 8), cost_usd: 0.000_725 },
    { stage: "judge", start_ms: 1_200, ms: 800, usage: tokens(400, 250), cost_usd: 0.001_5 },
    { stage: "synthesis", start_ms: 2_000, ms: 1_200, usage: tokens(700, 80), cost_usd: 0.003 },
  ],
  moments: [
    { at_ms: 600, what: "quorum" },
    { at_ms: 1_200, what: "grace_over" },
    { at_ms: 1_200, what: "panel_closed" },
    { at_ms: 2_400, what: "first_token" },
  ],
  usage_by_stage: {},
  cost_usd: 0.005_225,
  dominant_share: 0.6,
  over_max_share: false,
  injections: 0,
  seed: "seed",
};
