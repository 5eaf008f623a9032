/**
 * Secrets: the keys that the configuration names, read from the environment. They are kept out of
 * {@link Config}, so that a config may be logged; nothing here puts one into a message.
 * @module
 */
import { createHash } from "node:crypto";
import type { Backend, ClientKey, Config } from "./config.ts";
import type { Fault } from "./faults.ts";

export interface Secrets {
  /** Backend's name to the key sent to it. */
  readonly upstreamKeys: ReadonlyMap<string, string>;
  /** Who may call the gateway; empty: everyone. */
  readonly clientKeys: readonly ClientKey[];
  /** SHA-256 of the key that readers of `/metrics` present; absent: everyone may read. */
  readonly metricsKeySha256?: string;
  /** The gateway must not start with any of these. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

export function resolveSecrets(
  config: Config,
  env: Readonly<Record<string, string>>,
): Secrets {
  const upstream = config.backends.map((backend) => upstreamKey(backend, env));
  const client = keysFromVariable(config.server, env);
  const metrics = metricsKey(config.server, env);
  return {
    upstreamKeys: new Map(upstream.flatMap((found) => found.entry ? [found.entry] : [])),
    clientKeys: [...config.server.auth.keys, ...client.keys],
    ...(metrics.key !== undefined && { metricsKeySha256: sha256(metrics.key) }),
    faults: [
      ...upstream.flatMap((found) => found.fault ?? []),
      ...client.faults,
      ...metrics.faults,
    ],
    warnings: upstream.flatMap((found) => found.warning ?? []),
  };
}

interface UpstreamKey {
  readonly entry?: readonly [backend: string, key: string];
  readonly fault?: Fault;
  readonly warning?: Fault;
}

function upstreamKey(
  { name, apiKeyEnv }: Backend,
  env: Readonly<Record<string, string>>,
): UpstreamKey {
  if (apiKeyEnv === undefined) return {};
  const key = `api_key_env of backend "${name}"`;
  const value = keyIn(env, apiKeyEnv);
  if (value === "") {
    return {
      warning: { key, message: `${variable(apiKeyEnv)} is not set: requests go without a key` },
    };
  }
  if (!fitsHeader(value)) return { fault: { key, message: unfit(apiKeyEnv) } };
  return { entry: [name, value] };
}

function keysFromVariable(
  { auth: { keysEnv }, limits }: Pick<Config["server"], "auth" | "limits">,
  env: Readonly<Record<string, string>>,
): { readonly keys: readonly ClientKey[]; readonly faults: readonly Fault[] } {
  if (keysEnv === undefined) return { keys: [], faults: [] };
  const values = (env[keysEnv] ?? "").split(",").map((text) => text.trim()).filter(Boolean);
  if (values.length === 0) {
    // Without a key to ask for, the gateway would be open to everyone.
    return { keys: [], faults: [{ key: "server.auth.keys_env", message: noKey(keysEnv) }] };
  }
  const keys = values.map((value, index) => {
    return { name: `key-${index + 1}`, sha256: sha256(value), limits };
  });
  return { keys, faults: [] };
}

function metricsKey(
  { metricsKeyEnv }: Pick<Config["server"], "metricsKeyEnv">,
  env: Readonly<Record<string, string>>,
): { readonly key?: string; readonly faults: readonly Fault[] } {
  if (metricsKeyEnv === undefined) return { faults: [] };
  const key = keyIn(env, metricsKeyEnv);
  if (fitsHeader(key)) return { key, faults: [] };
  // Without the key that is asked for, everyone could read.
  const message = key === "" ? noKey(metricsKeyEnv) : unfit(metricsKeyEnv);
  return { faults: [{ key: "server.metrics_key_env", message }] };
}

/** A key read from a mounted file often ends in a newline. */
function keyIn(env: Readonly<Record<string, string>>, name: string): string {
  return env[name]?.trim() ?? "";
}

const fitsHeader = (key: string): boolean => /^[\x21-\x7e]+$/.test(key);

const unfit = (name: string): string => `${variable(name)} holds what cannot stand in a header`;

const noKey = (name: string): string => `${variable(name)} is not set or holds no key`;

/** A variable in a message; not by name where somebody may have written the key itself. */
function variable(name: string): string {
  return /^[A-Z_][A-Z0-9_]*$/.test(name) ? `The variable ${name}` : "The variable named there";
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
