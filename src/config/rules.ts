/**
 * Rules: what must hold between keys, beyond what the schema says of each.
 *
 * Works on a draft, in which a faulty or missing key is `undefined`, so that one mistake does not
 * hide another. load.ts drops what a rule says of a key that the schema has faulted already.
 * @module
 */
import type { Finding } from "./faults.ts";
import { type Path, quote } from "./key_path.ts";
import { aliasFault, DEFAULT_BACKEND, findModel } from "./model_ref.ts";
import { modelSlots } from "./model_slots.ts";
import type { FileProfile } from "./profile_schema.ts";
import type { FileConfig } from "./schema.ts";
import type { Draft } from "./schema_walk.ts";

/** Every breach of a rule over several keys. */
export function ruleFindings(file: Draft<FileConfig>): Finding[] {
  const profiles = file.profiles ?? [];
  return [
    ...backendRules(file),
    ...authRules(file),
    ...metricsRules(file),
    ...repeated("profiles", { key: "name", values: profiles.map((each) => each?.name) }),
    ...repeated("prices", { key: "model", values: (file.prices ?? []).map((each) => each?.model) }),
    ...profiles.flatMap((profile, index) => profile ? profileRules(profile, index) : []),
    ...fanOutRules(file),
    ...modelRules(file),
    ...budgetRules(file),
  ];
}

function backendRules(file: Draft<FileConfig>): Finding[] {
  const names = (file.backends ?? []).map((each) => each?.name);
  if (!file.backend && names.length === 0) {
    return [{ path: ["backend"], message: "Cannot be missing: there is no [[backends]] either" }];
  }
  const findings = repeated("backends", { key: "name", values: names });
  const clash = names.indexOf(DEFAULT_BACKEND);
  if (file.backend && clash >= 0) {
    findings.push({
      path: ["backends", clash, "name"],
      message: 'Cannot be "default": that is the name of [backend]',
    });
  }
  return findings;
}

function authRules({ server }: Draft<FileConfig>): Finding[] {
  const path = ["server", "auth", "keys"];
  const keys = server?.auth?.keys ?? [];
  const names = keys.map((key) => key?.name);
  const findings = [
    ...repeated(path, { key: "name", values: names }),
    ...repeated(path, { key: "sha256", values: keys.map((key) => key?.sha256), secret: true }),
  ];
  if (server?.auth?.keys_env === undefined) return findings;
  for (const [index, name] of names.entries()) {
    // secrets.ts gives these names to the keys in that variable.
    if (name === undefined || !/^key-\d+$/.test(name)) continue;
    const message = `Cannot be ${quote(name)}: the keys of keys_env are named so`;
    findings.push({ path: [...path, index, "name"], message });
  }
  return findings;
}

function metricsRules({ server }: Draft<FileConfig>): Finding[] {
  const address = server?.metrics_bind;
  if (address === undefined || address !== server?.bind || address.endsWith(":0")) return [];
  const message = `Cannot be ${quote(address)}: server.bind is, leave this out to serve both there`;
  return [{ path: ["server", "metrics_bind"], message }];
}

function profileRules(profile: Draft<FileProfile>, index: number): Finding[] {
  const { router, panel } = profile;
  const findings: Finding[] = [];
  if (router?.policy === "classifier" && router.classifier_model === undefined) {
    findings.push({
      path: ["profiles", index, "router", "classifier_model"],
      message: 'Cannot be missing: policy is "classifier"',
    });
  }
  const calls = panelCalls(profile);
  const quorum = panel?.min_quorum;
  if (calls !== undefined && calls > 0 && quorum !== undefined && quorum > calls) {
    const made = calls === 1 ? "1 call" : `${calls} calls`;
    findings.push({
      path: ["profiles", index, "panel", "min_quorum"],
      message: `Cannot be ${quorum}: the panel makes ${made}`,
    });
  }
  const topK = profile.aggregator?.top_k;
  if (calls !== undefined && topK !== undefined && topK > calls) {
    findings.push({
      path: ["profiles", index, "aggregator", "top_k"],
      message: `Cannot be ${topK}: the panel gives ${
        calls === 1 ? "1 answer" : `${calls} answers`
      }`,
    });
  }
  return findings;
}

/** A profile whose panel is larger than all calls together may be could never be served. */
function fanOutRules({ server, profiles = [] }: Draft<FileConfig>): Finding[] {
  const most = server?.max_upstream_calls ?? 0;
  const calls = profiles.map((profile) => profile ? panelCalls(profile) ?? 0 : 0);
  const largest = Math.max(0, ...calls);
  if (most === 0 || largest <= most) return [];
  return [{
    path: ["server", "max_upstream_calls"],
    message: `Cannot be ${most}: a profile's panel makes ${largest} calls at once`,
  }];
}

function panelCalls({ panel }: Draft<FileProfile>): number | undefined {
  return panel?.self_moa ? panel.samples : panel?.members?.length;
}

function modelRules(file: Draft<FileConfig>): Finding[] {
  const names = (file.backends ?? []).map((each) => each?.name);
  const backends = [...(file.backend ? [DEFAULT_BACKEND] : []), ...names];
  // While a backend lacks its name, nobody can say that the one a model asks for does not exist.
  const known = backends.length > 0 && backends.every((name) => name !== undefined);
  return modelSlots(file).flatMap(({ path, id }) => {
    const message = known ? backendFault(id, backends) : aliasFault(id);
    return message === undefined ? [] : [{ path, message }];
  });
}

function backendFault(id: string, backends: readonly string[]): string | undefined {
  const found = findModel(id, backends);
  return "fault" in found ? found.fault : undefined;
}

/** A model without a price costs nothing, so a budget would never stop it: each must have one. */
function budgetRules(file: Draft<FileConfig>): Finding[] {
  const { limits, auth } = file.server ?? {};
  const isBudgeted = [limits, ...(auth?.keys ?? [])].some((each) =>
    each?.usd_per_day !== undefined || each?.usd_per_month !== undefined
  );
  if (!isBudgeted) return [];
  const said = new Set((file.prices ?? []).map((price) => price?.model));
  return modelSlots(file).flatMap(({ path, id }) => {
    if (said.has(id)) return [];
    said.add(id);
    const message = `Cannot be ${quote(id)} without a price: a budget in US dollars is set, and ` +
      "[[prices]] has no such model (one that is free has prices of 0)";
    return [{ path, message }];
  });
}

interface Column {
  readonly key: string;
  readonly values: readonly (string | undefined)[];
  /** Whether the value must not be repeated in the message. */
  readonly secret?: boolean;
}

/** Each value of a list's column that an earlier entry has too. */
function repeated(list: string | Path, { key, values, secret = false }: Column): Finding[] {
  const at = typeof list === "string" ? [list] : list;
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    if (value === undefined || first === index) return [];
    const shown = secret ? "the same" : quote(value);
    return [{ path: [...at, index, key], message: `Cannot be ${shown}: entry ${first} has it` }];
  });
}
