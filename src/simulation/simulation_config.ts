/**
 * Simulation config: what `simulate --config` reads: a file of the simulation's own, or a
 * gateway's config, whose models are then served as they are named there.
 *
 * Comes in: TOML text. Goes out: options, or every fault with its path.
 * @module
 */
import { parse } from "smol-toml";
import * as z from "zod";
import { realisticSettings } from "./demo_models.ts";
import { type ModelSettings, personas, refusals, type SimulatedModel } from "./simulated_model.ts";
import type { SimulationOptions } from "./simulation.ts";

export type ConfigResult =
  | { readonly options: SimulationOptions }
  | { readonly faults: readonly string[] };

export function readSimulationConfig(toml: string): ConfigResult {
  let table: Record<string, unknown>;
  try {
    table = parse(toml);
  } catch (error) {
    return { faults: [error instanceof Error ? error.message.split("\n")[0]! : String(error)] };
  }
  if ("profiles" in table) return { options: gatewayOptions(table) };
  const parsed = configSchema.safeParse(table);
  if (parsed.success) return { options: parsed.data };
  return {
    faults: parsed.error.issues.map((issue) => {
      const path = issue.path.map(String).join(".");
      return path === "" ? issue.message : `${path}: ${issue.message}`;
    }),
  };
}

const milliseconds = z.number().nonnegative();
const share = z.number().min(0).max(1);

const settingsFields = {
  first_token_ms: z.union([
    milliseconds,
    z.strictObject({ median: milliseconds, sigma: z.number().nonnegative() }),
  ]).optional(),
  tokens_per_second: z.union([z.number().positive(), z.literal(Infinity)]).optional(),
  failures: z.strictObject({
    http500: share,
    http429: share,
    hang: share,
    cut: share,
    malformed: share,
    empty: share,
    drip: share,
  }).partial().refine((rates) => Object.values(rates).reduce((sum, rate) => sum + rate, 0) <= 1, {
    message: "the rates add up to more than 1",
  }).optional(),
  retry_after_s: z.number().nonnegative().optional(),
  drip_ms: milliseconds.optional(),
  refuses: z.array(z.enum(refusals)).optional(),
  persona: z.enum(personas).optional(),
  answer_bytes: z.int().positive().max(16_777_216).optional(),
  reasoning: z.boolean().optional(),
  cached_share: share.optional(),
};

const settingsSchema = z.strictObject(settingsFields);
const modelSchema = z.strictObject({ name: z.string().min(1), ...settingsFields });

const configSchema = z.strictObject({
  seed: z.int().optional(),
  api_key: z.string().min(1).optional(),
  strict_models: z.boolean().optional(),
  defaults: settingsSchema.optional(),
  models: z.array(modelSchema).optional(),
}).transform(({ seed, api_key, strict_models, defaults, models }): SimulationOptions => ({
  seed,
  apiKey: api_key,
  strictModels: strict_models,
  defaults: settingsOf(defaults ?? {}),
  models: models?.map((model): SimulatedModel => ({ name: model.name, ...settingsOf(model) })),
}));

function settingsOf(table: z.infer<typeof settingsSchema>): ModelSettings {
  return withoutUndefined({
    firstTokenMs: table.first_token_ms,
    tokensPerSecond: table.tokens_per_second,
    failures: table.failures,
    retryAfterS: table.retry_after_s,
    dripMs: table.drip_ms,
    refuses: table.refuses,
    persona: table.persona,
    answerBytes: table.answer_bytes,
    reasoning: table.reasoning,
    cachedShare: table.cached_share,
  });
}

/** A setting that is not there must not hide its default. */
const withoutUndefined = (settings: ModelSettings): ModelSettings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

/** Every model that a gateway's config names, without the name of its backend. */
function gatewayOptions(config: Record<string, unknown>): SimulationOptions {
  const names = asList(config.profiles).map(asTable).flatMap((profile) => {
    const [router, panel, aggregator] = [profile.router, profile.panel, profile.aggregator].map(
      asTable,
    );
    return [
      router?.single_model,
      router?.classifier_model,
      ...asList(panel?.members).map((member) => asTable(member).model ?? member),
      aggregator?.judge,
      aggregator?.synthesizer,
    ];
  });
  const models = new Set(names.filter((name) => typeof name === "string").map(modelId));
  return { defaults: realisticSettings, models: [...models].map((name) => ({ name })) };
}

/** `"backend::model-id"` is sent to its backend as `"model-id"`. */
const modelId = (name: string): string =>
  name.slice(name.indexOf("::") < 0 ? 0 : name.indexOf("::") + 2);

const asList = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];

const asTable = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
