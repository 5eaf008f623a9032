/**
 * Overrides: environment variables that set keys of the file. `TUTTI_SERVER__BIND` sets
 * `server.bind`, `TUTTI_PROFILES__0__PANEL__MIN_QUORUM` sets `profiles[0].panel.min_quorum`; an
 * index may be the next free one.
 *
 * A variable without a double underscore is none of ours: `TUTTI_CONFIG` names the file, and
 * Kubernetes gives every pod `TUTTI_SERVICE_HOST` and the like for a service called tutti.
 * @module
 */
import type { Fault } from "./faults.ts";
import { keyText, type Path } from "./key_path.ts";
import { parseTomlValue, type Table } from "./toml.ts";

const PREFIX = "TUTTI_";
const NESTING = "__";

export interface Override {
  readonly variable: string;
  readonly path: Path;
}

export interface Overridden {
  readonly overrides: readonly Override[];
  /** Variables that could not be set, each under its own name. */
  readonly faults: readonly Fault[];
}

/** Sets in `tree` what the environment says. Whether a key exists is for the schema to say. */
export function applyOverrides(tree: Table, env: Readonly<Record<string, string>>): Overridden {
  const overrides: Override[] = [];
  const faults: Fault[] = [];
  for (const variable of overridingVariables(env)) {
    const segments = variable.slice(PREFIX.length).toLowerCase().split(NESTING);
    const set = setAt(tree, { segments, value: parseTomlValue(env[variable]!) });
    if ("path" in set) overrides.push({ variable, path: set.path });
    else faults.push({ key: variable, message: set.reason });
  }
  return { overrides, faults };
}

/** In an order in which a table comes before its keys, and index 9 before index 10. */
function overridingVariables(env: Readonly<Record<string, string>>): string[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX))
    .filter((variable) => variable.slice(PREFIX.length).includes(NESTING))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

interface Setting {
  readonly segments: readonly string[];
  readonly value: unknown;
}

function setAt(
  tree: Table,
  { segments, value }: Setting,
): { readonly path: Path } | { readonly reason: string } {
  const path: (string | number)[] = [];
  let container: unknown = tree;
  for (const [depth, segment] of segments.entries()) {
    const refusal = refuses(container, segment);
    if (refusal) return { reason: `Cannot set ${where(path)}: ${refusal}` };
    const step = Array.isArray(container) ? Number(segment) : segment;
    path.push(step);
    const holder = container as Record<string | number, unknown>;
    const next = segments[depth + 1];
    if (next === undefined) holder[step] = value;
    else if (holder[step] === undefined) holder[step] = isIndex(next) ? [] : Object.create(null);
    container = holder[step];
  }
  return { path };
}

/** Why a container cannot take a segment, or `undefined` if it can. */
function refuses(container: unknown, segment: string): string | undefined {
  if (segment === "") return `a name stands between two "${NESTING}"`;
  if (Array.isArray(container)) {
    if (!isIndex(segment)) return "it is a list, so an index must follow";
    const free = container.length;
    return Number(segment) > free ? `its next free index is ${free}` : undefined;
  }
  return typeof container === "object" && container !== null ? undefined : "it is not a table";
}

function isIndex(segment: string): boolean {
  return /^\d{1,9}$/.test(segment);
}

function where(path: Path): string {
  return path.length === 0 ? "a key" : `a key in ${keyText(path)}`;
}
