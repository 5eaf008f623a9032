/**
 * Validate: checks a configuration without starting anything. Exit code 0, or 2 with one line per
 * fault on standard error.
 * @module
 */
import { parseArgs } from "node:util";
import process from "node:process";
import type { Config } from "../config/config.ts";
import { readEnvironment } from "../config/environment.ts";
import { type Fault, faultLine } from "../config/faults.ts";
import { configPath, loadConfig } from "../config/load.ts";
import { resolveSecrets } from "../config/secrets.ts";

const USAGE = `Usage: tutti validate [--config FILE]

Checks a configuration without starting: the file, the TUTTI_…__… variables that override it, and
the variables that hold its keys.

  --config FILE  the configuration; else $TUTTI_CONFIG, else ./config.toml
  --help         this text

Exit code 0 if it is good, 2 with one line for each fault if it is not.
`;

/** Runs `tutti validate` with the arguments that follow it; gives the exit code. */
export async function validate(args: string[]): Promise<number> {
  let flags: { config?: string; help?: boolean };
  try {
    flags = parseArgs({
      args,
      options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (flags.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const env = readEnvironment();
  const path = configPath(flags.config, env);
  const loaded = await loadConfig(path, { readTextFile: Deno.readTextFile, env });
  if (loaded.type === "faults") return failed(loaded.faults);
  const { faults, warnings } = resolveSecrets(loaded.config, env);
  for (const warning of warnings) process.stderr.write(`warning: ${faultLine(warning)}\n`);
  if (faults.length > 0) return failed(faults);
  process.stdout.write(`${path}: ok, ${summary(loaded.config)}\n`);
  return 0;
}

function failed(faults: readonly Fault[]): number {
  for (const fault of faults) process.stderr.write(`${faultLine(fault)}\n`);
  return 2;
}

function summary({ profiles, backends }: Config): string {
  return `${count(profiles.length, "profile")}, ${count(backends.length, "backend")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
