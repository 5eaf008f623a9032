/**
 * Schema: the configuration file, key by key, in the names that stand in the file.
 *
 * To add a key: write it here or in profile_schema.ts, carry it in config.ts and resolve.ts, and
 * show it in config.example.toml (a test compares that file with this schema). A key that nothing
 * acts on has no place here.
 * @module
 */
import * as z from "zod";
import { QUIRK_NAMES } from "../protocol/quirk.ts";
import { limitsSchema, storeSchema } from "../store/store_config.ts";
import { profileSchema } from "./profile_schema.ts";
import {
  atLeastOne,
  baseUrl,
  bind,
  delayMs,
  durationMs,
  modelId,
  name,
  origin,
  sha256,
  variableName,
  zeroOrMore,
} from "./values.ts";

const auth = z.strictObject({
  keys_env: variableName.optional(),
  keys: z.array(z.strictObject({ name, sha256, ...limitsSchema.shape })).default([]),
});

const server = z.strictObject({
  bind: bind.default("127.0.0.1:8080"),
  max_concurrent_requests: atLeastOne.default(64),
  queue_limit: zeroOrMore.default(256),
  queue_timeout_ms: durationMs.default(10_000),
  max_upstream_calls: zeroOrMore.default(0),
  max_body_bytes: atLeastOne.default(20 * 1024 * 1024),
  body_timeout_ms: durationMs.default(30_000),
  cors_origins: z.array(origin).default([]),
  passthrough: z.union([z.boolean(), z.array(modelId)], "Must be true, false or a list of models")
    .default(false),
  shutdown_grace_ms: delayMs.default(30_000),
  metrics_bind: bind.optional(),
  metrics_key_env: variableName.optional(),
  limits: limitsSchema.prefault({}),
  auth: auth.prefault({}),
});

const runtime = z.strictObject({
  workers: atLeastOne.max(256).default(2),
  max_restarts: zeroOrMore.default(20),
  restart_window_ms: durationMs.default(60_000),
  heartbeat_ms: durationMs.default(2_000),
});

const share = z.number().min(0).max(1);

const retry = z.strictObject({
  max_attempts: atLeastOne.max(10).default(2),
  max_wait_ms: delayMs.default(10_000),
  budget_share: share.default(0.2),
  budget_min_per_second: z.number().min(0).default(1),
});

const breaker = z.strictObject({
  consecutive_failures: atLeastOne.default(5),
  failure_ratio: share.default(0.5),
  min_calls: atLeastOne.default(20),
  window_ms: durationMs.default(30_000),
  open_ms: durationMs.default(10_000),
});

const hedge = z.strictObject({
  enabled: z.boolean().default(false),
  max_extra: share.default(0.05),
});

/** The reference design's one backend; `[[backends]]` are the same with a name. */
const backend = z.strictObject({
  base_url: baseUrl,
  api_key_env: variableName.optional(),
  timeout_ms: durationMs.default(120_000),
  quirks: z.array(z.enum(QUIRK_NAMES)).optional(),
  max_concurrent: atLeastOne.optional(),
});

const dollars = z.number().min(0);

const price = z.strictObject({
  model: modelId,
  input_per_mtok: dollars,
  output_per_mtok: dollars,
  cached_input_per_mtok: dollars.optional(),
});

export const fileSchema = z.strictObject({
  server: server.prefault({}),
  runtime: runtime.prefault({}),
  retry: retry.prefault({}),
  breaker: breaker.prefault({}),
  hedge: hedge.prefault({}),
  backend: backend.optional(),
  backends: z.array(backend.extend({ name })).default([]),
  profiles: z.array(profileSchema).min(1),
  prices: z.array(price).default([]),
  store: storeSchema.optional(),
});
/** The file after its own checks, with constant defaults. */
export type FileConfig = z.output<typeof fileSchema>;
