/**
 * Config from: the configuration that a command was given, with its secrets, or its exit code once
 * every fault has been said.
 * @module
 */
import type { Config } from "../config/config.ts";
import { readEnvironment } from "../config/environment.ts";
import { faultLine } from "../config/faults.ts";
import { configPath, loadConfig } from "../config/load.ts";
import { resolveSecrets, type Secrets } from "../config/secrets.ts";
import type { ProcessIo } from "./process_io.ts";

export interface ConfigWithSecrets {
  readonly path: string;
  readonly config: Config;
  readonly secrets: Secrets;
}

/** `flag` is the value of `--config`. Undefined: the faults have been written to `err`. */
export async function configFrom(
  flag: string | undefined,
  { err }: Pick<ProcessIo, "err">,
): Promise<ConfigWithSecrets | undefined> {
  const env = readEnvironment();
  const path = configPath(flag, env);
  const loaded = await loadConfig(path, { readTextFile: Deno.readTextFile, env });
  if (loaded.type === "faults") {
    for (const fault of loaded.faults) err(`${faultLine(fault)}\n`);
    return undefined;
  }
  const secrets = resolveSecrets(loaded.config, env);
  for (const warning of secrets.warnings) err(`warning: ${faultLine(warning)}\n`);
  for (const fault of secrets.faults) err(`${faultLine(fault)}\n`);
  return secrets.faults.length > 0 ? undefined : { path, config: loaded.config, secrets };
}
