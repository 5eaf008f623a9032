/**
 * Profile schema: one `[[profiles]]` as it is written in the file.
 *
 * A default that is a constant stands here. One that depends on other keys (judge, single_model,
 * min_quorum, deadline_ms) is left out here and filled in by resolve.ts; a rule over several keys
 * is in rules.ts.
 * @module
 */
import * as z from "zod";
import { MODES } from "../fusion/modes.ts";
import { DEFAULT_BACKGROUND_RULES } from "./background_rules.ts";
import { atLeastOne, backgroundRule, delayMs, durationMs, modelId, name } from "./values.ts";

const router = z.strictObject({
  policy: z.enum(["always_fuse", "classifier"]).default("always_fuse"),
  single_model: modelId.optional(),
  single_fallback: modelId.optional(),
  classifier_model: modelId.optional(),
  threshold: z.number().min(0).max(1).default(0.5),
  background: z.enum(["single", "fuse"]).default("single"),
  background_rules: z.array(backgroundRule).default([...DEFAULT_BACKGROUND_RULES]),
});

const member = z.union([
  modelId,
  z.strictObject({
    model: modelId,
    temperature: z.number().min(0).max(2).optional(),
    system: z.string().optional(),
    max_tokens: atLeastOne.optional(),
    fallback: modelId.optional(),
  }),
]);

const panel = z.strictObject({
  members: z.array(member).min(1),
  self_moa: z.boolean().default(false),
  samples: atLeastOne.default(3),
  min_quorum: atLeastOne.optional(),
  timeout_ms: durationMs.default(90_000),
  grace_ms: delayMs.optional(),
  below_quorum: z.enum(["fail", "best_answer"]).default("fail"),
});

const aggregator = z.strictObject({
  judge: modelId.optional(),
  synthesizer: modelId,
  judge_fallback: modelId.optional(),
  synthesizer_fallback: modelId.optional(),
  anonymize_sources: z.boolean().default(true),
  normalize_length: z.boolean().default(true),
  single_source_cap: z.boolean().default(true),
  layers: z.int().min(1).max(4).default(1),
  max_reference_chars: atLeastOne.default(8_000),
  mode: z.enum(MODES).default("synthesize"),
  judge_swaps: z.union([z.literal(1), z.literal(2)]).default(1),
  max_share: z.number().min(0).max(1).default(0.8),
  top_k: z.int().min(2).optional(),
  consensus_threshold: z.number().min(0).max(1).default(0.8),
  context_tokens: z.int().min(1_024).optional(),
});

// The reference design has a list of tool names here that it never reads. Such a file loads, and
// the list means what it means there: nothing.
const tools = z.union([
  z.array(z.string()),
  z.strictObject({ policy: z.enum(["bypass", "advise", "first_call"]).default("bypass") }),
]);

const stream = z.strictObject({
  keepalive: z.enum(["chunk", "comment", "off"]).default("chunk"),
  keepalive_ms: durationMs.default(10_000),
  progress: z.enum(["off", "reasoning"]).default("off"),
});

export const profileSchema = z.strictObject({
  name,
  deadline_ms: durationMs.optional(),
  router: router.prefault({}),
  panel,
  aggregator,
  tools: tools.prefault({}),
  stream: stream.prefault({}),
});
export type FileProfile = z.output<typeof profileSchema>;
