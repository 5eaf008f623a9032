/**
 * Load: the configuration file and the environment, to a {@link Config} or to every fault at once.
 *
 * Reading the file and the environment is passed in. Nothing here knows a secret: see secrets.ts.
 * @module
 */
import type { Config } from "./config.ts";
import { type Fault, type Finding, schemaFindings } from "./faults.ts";
import { keyText, type Path, quote } from "./key_path.ts";
import { applyOverrides, type Override } from "./overrides.ts";
import { resolveConfig } from "./resolve.ts";
import { ruleFindings } from "./rules.ts";
import { type FileConfig, fileSchema } from "./schema.ts";
import { type Draft, salvage, schemaTables } from "./schema_walk.ts";
import { parseToml } from "./toml.ts";

export interface LoadedConfig {
  readonly type: "loaded";
  readonly config: Config;
}

export interface Faults {
  readonly type: "faults";
  /** At least one; by key. */
  readonly faults: readonly Fault[];
}

export interface Surroundings {
  /** As `Deno.readTextFile`. */
  readonly readTextFile: (path: string) => Promise<string>;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the configuration is: `--config`, else `$TUTTI_CONFIG`, else `config.toml` right here. */
export function configPath(
  flag: string | undefined,
  env: Readonly<Record<string, string>>,
): string {
  return flag ?? (env.TUTTI_CONFIG || "config.toml");
}

export async function loadConfig(
  path: string,
  { readTextFile, env }: Surroundings,
): Promise<LoadedConfig | Faults> {
  let text: string;
  try {
    text = await readTextFile(path);
  } catch (error) {
    return { type: "faults", faults: [{ key: path, message: unreadable(error) }] };
  }
  return parseConfig(text, { path, env });
}

export interface ConfigOrigin {
  /** Names the file in a syntax fault. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** As {@link loadConfig}, from the file's text. */
export function parseConfig(text: string, { path, env }: ConfigOrigin): LoadedConfig | Faults {
  const toml = parseToml(text);
  if (!("tree" in toml)) {
    const message = `Cannot read line ${toml.line}, column ${toml.column}: ${toml.reason}`;
    return { type: "faults", faults: [{ key: path, message }] };
  }
  const { overrides, faults: refused } = applyOverrides(toml.tree, env);
  const parsed = fileSchema.safeParse(toml.tree, { reportInput: true });
  const draft = parsed.success ? parsed.data : salvage(fileSchema, toml.tree) ?? {};
  const ofSchema = parsed.success
    ? []
    : schemaFindings(parsed.error.issues, schemaTables(fileSchema));
  const ofRules = ruleFindings(draft)
    .filter((rule) => !ofSchema.some((found) => startsWith(rule.path, found.path)));
  const faults = [...ofSchema, ...ofRules].map((finding) => toFault(finding, { draft, overrides }));
  if (parsed.success && faults.length + refused.length === 0) {
    return { type: "loaded", config: resolveConfig(parsed.data) };
  }
  const byKey = (a: Fault, b: Fault) => a.key.localeCompare(b.key, "en", { numeric: true });
  return { type: "faults", faults: [...faults.sort(byKey), ...refused] };
}

function unreadable(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") {
    return "Cannot find this file: copy config.example.toml, or name another with --config";
  }
  return `Cannot read this file: ${error instanceof Error ? error.message : String(error)}`;
}

interface Context {
  readonly draft: Draft<FileConfig>;
  readonly overrides: readonly Override[];
}

/** Adds to a finding what helps to find the place: the profile's name, the variable that set it. */
function toFault({ path, message }: Finding, { draft, overrides }: Context): Fault {
  const notes: string[] = [];
  const [list, index] = path;
  const profiles = draft.profiles ?? [];
  if (list === "profiles" && typeof index === "number" && profiles.length > 1) {
    const name = profiles[index]?.name;
    if (name !== undefined) notes.push(`profile ${quote(name)}`);
  }
  // A fault above the variable's path: the key it goes through is unknown or no table.
  const setBy = overrides.find((override) =>
    startsWith(path, override.path) || startsWith(override.path, path)
  );
  if (setBy) notes.push(`set by ${setBy.variable}`);
  const note = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return { key: keyText(path), message: message + note };
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
