/**
 * Demo models: a panel worth watching: three that agree in their own time and words, one that is wrong,
 * one that is far too slow; and a judge, a synthesizer and a router.
 * @module
 */
import type { ModelSettings, SimulatedModel } from "./simulated_model.ts";

/** About as fast as a hosted model of middling size. */
export const realisticSettings: ModelSettings = {
  firstTokenMs: { median: 300, sigma: 0.3 },
  tokensPerSecond: 120,
  cachedShare: 0.25,
};

export const demoModels: readonly SimulatedModel[] = [
  { name: "swift", persona: "concise", firstTokenMs: 150, tokensPerSecond: 240 },
  { name: "scholar", persona: "thorough", firstTokenMs: 320, tokensPerSecond: 160 },
  { name: "builder", persona: "practical", firstTokenMs: 260, tokensPerSecond: 180 },
  { name: "bluffer", persona: "wrong", firstTokenMs: 180, tokensPerSecond: 240 },
  { name: "snail", persona: "sceptical", firstTokenMs: 20_000, tokensPerSecond: 20 },
  { name: "arbiter", persona: "sceptical", firstTokenMs: 220, tokensPerSecond: 600 },
  { name: "writer", persona: "thorough", firstTokenMs: 200, tokensPerSecond: 90 },
  { name: "gatekeeper", persona: "concise", firstTokenMs: 60, tokensPerSecond: 200 },
];
