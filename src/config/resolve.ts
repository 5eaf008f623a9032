/**
 * Resolve: from a file without faults to the {@link Config} the gateway runs on. Fills in the
 * defaults that depend on other keys and ties each model to its backend.
 * @module
 */
import type { Member, ModelRef, Profile } from "../fusion/profile.ts";
import { limitsOf } from "../store/store_config.ts";
import { normalBaseUrl } from "./base_url.ts";
import { parseBind } from "./bind.ts";
import { camelKeys } from "./camel_keys.ts";
import type { Backend, Config } from "./config.ts";
import { DEFAULT_BACKEND, findModel } from "./model_ref.ts";
import type { FileProfile } from "./profile_schema.ts";
import { modelSlots } from "./model_slots.ts";
import type { FileConfig } from "./schema.ts";

const LEAST_DEFAULT_DEADLINE_MS = 180_000;

/** The file must have passed its schema and the rules; throws if it has not. */
export function resolveConfig(file: FileConfig): Config {
  const backends = resolveBackends(file);
  const { metrics_bind: metricsBind, ...server } = file.server;
  return {
    server: {
      ...camelKeys(server),
      passthrough: resolvePassthrough(file, backends),
      ...passed(parseBind(server.bind)),
      ...(metricsBind !== undefined && { metricsAddress: passed(parseBind(metricsBind)) }),
      limits: limitsOf(file.server.limits),
      auth: {
        ...camelKeys(file.server.auth),
        keys: file.server.auth.keys.map(({ name, sha256, ...own }) => ({
          ...{ name, sha256 },
          limits: limitsOf(own, file.server.limits),
        })),
      },
    },
    runtime: camelKeys(file.runtime),
    retry: camelKeys(file.retry),
    breaker: camelKeys(file.breaker),
    hedge: camelKeys(file.hedge),
    backends,
    profiles: file.profiles.map((profile) => resolveProfile(profile, backends)),
    prices: file.prices.map(camelKeys),
    ...(file.store && { store: file.store }),
  };
}

function resolveBackends(file: FileConfig): Backend[] {
  const single = file.backend ? [{ name: DEFAULT_BACKEND, ...file.backend }] : [];
  return [...single, ...file.backends].map((backend) => ({
    ...camelKeys(backend),
    baseUrl: normalBaseUrl(backend.base_url),
  }));
}

/** `true` stands for every model that the file names; each model once, however it is written. */
function resolvePassthrough(
  { server: { passthrough }, ...file }: FileConfig,
  backends: readonly Backend[],
): ModelRef[] {
  if (passthrough === false) return [];
  const ids = passthrough === true ? modelSlots(file).map(({ id }) => id) : passthrough;
  const names = backends.map((backend) => backend.name);
  const refs = ids.map((id) => resolveModel(id, names));
  return refs.filter(({ backend, model }, at) =>
    at === refs.findIndex((ref) => ref.backend === backend && ref.model === model)
  );
}

function resolveProfile(profile: FileProfile, backends: readonly Backend[]): Profile {
  const names = backends.map((backend) => backend.name);
  const model = (id: string) => resolveModel(id, names);
  const { router, panel } = profile;
  const { judge_fallback, synthesizer_fallback, ...aggregator } = profile.aggregator;
  const calls = panel.self_moa ? panel.samples : panel.members.length;
  const synthesizer = model(aggregator.synthesizer);
  const resolved = {
    name: profile.name,
    router: {
      policy: router.policy,
      singleModel: router.single_model === undefined ? synthesizer : model(router.single_model),
      ...(router.single_fallback !== undefined && {
        singleFallback: model(router.single_fallback),
      }),
      ...(router.classifier_model !== undefined && {
        classifierModel: model(router.classifier_model),
      }),
      threshold: router.threshold,
      background: router.background,
      backgroundRules: router.background_rules,
    },
    panel: {
      ...camelKeys(panel),
      members: panel.members.map((member) => resolveMember(member, names)),
      minQuorum: panel.min_quorum ?? Math.floor(calls / 2) + 1,
    },
    aggregator: {
      ...camelKeys(aggregator),
      judge: aggregator.judge === undefined ? synthesizer : model(aggregator.judge),
      synthesizer,
      ...(judge_fallback !== undefined && { judgeFallback: model(judge_fallback) }),
      ...(synthesizer_fallback !== undefined && {
        synthesizerFallback: model(synthesizer_fallback),
      }),
    },
    tools: Array.isArray(profile.tools) ? { policy: "bypass" as const } : profile.tools,
    stream: camelKeys(profile.stream),
  };
  return {
    ...resolved,
    deadlineMs: profile.deadline_ms ?? defaultDeadlineMs(resolved, backends),
  };
}

function resolveMember(
  member: FileProfile["panel"]["members"][number],
  backends: readonly string[],
): Member {
  if (typeof member === "string") return resolveModel(member, backends);
  const { model, fallback, ...settings } = member;
  return {
    ...resolveModel(model, backends),
    ...camelKeys(settings),
    ...(fallback !== undefined && { fallback: resolveModel(fallback, backends) }),
  };
}

function resolveModel(id: string, backends: readonly string[]): ModelRef {
  const found = findModel(id, backends);
  if ("fault" in found) throw new Error(found.fault);
  return found.ref;
}

/**
 * The deadline of a profile that names none: three minutes, or longer where a configured time
 * limit would otherwise be cut without a word. Every layer of the panel may use its `timeout_ms`,
 * with as much again for judge and synthesis, and one call to the slowest backend may use its own.
 */
function defaultDeadlineMs(
  { router, panel, aggregator }: Omit<Profile, "deadlineMs">,
  backends: readonly Backend[],
): number {
  const models = [router.singleModel, aggregator.judge, aggregator.synthesizer];
  const used = new Set(models.map((model) => model.backend));
  const calls = backends.filter((each) => used.has(each.name)).map((each) => each.timeoutMs);
  return Math.max(
    LEAST_DEFAULT_DEADLINE_MS,
    2 * panel.timeoutMs * aggregator.layers,
    ...calls,
  );
}

function passed<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("Cannot resolve: the file did not pass its schema");
  return value;
}
