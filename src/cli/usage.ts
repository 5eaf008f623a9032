/**
 * Usage: `tutti usage` prints what was used, from the configured store's ledger.
 *
 * In: the arguments, and how to open the ledger of a configuration. Out: a table, or JSON, and the
 * exit code: 0 printed, 1 the store cannot be read, 2 bad usage or no store configured.
 * @module
 */
import { parseArgs } from "node:util";
import type { Ledger } from "../store/backend.ts";
import { readEnvironment } from "../config/environment.ts";
import { faultLine } from "../config/faults.ts";
import { configPath, loadConfig } from "../config/load.ts";
import { failureReason } from "../store/failure_reason.ts";
import { openLedger } from "../store/open_store.ts";
import {
  type UsageGroup,
  usageGroups,
  type UsageQuery,
  type UsageRow,
} from "../store/usage_query.ts";

export interface UsageOptions {
  /**
   * Loads the configuration (undefined: the usual one) and gives its ledger, "no_store" where it has
   * none, or "faults" once those of the configuration have been said.
   */
  readonly openStore?: (
    configFile: string | undefined,
  ) => Promise<Ledger | "no_store" | "faults">;
  readonly print?: (text: string) => void;
  readonly printError?: (text: string) => void;
}

const help = `Prints what was used, from the ledger in the configured store.

  tutti usage [--by key|profile|model|day] [--since YYYY-MM-DD] [--json] [--config FILE]

  --by      what to sum up by (key)
  --since   the first day that counts, in UTC (all that is kept)
  --json    an array of objects instead of a table
  --config  the configuration ($TUTTI_CONFIG, else ./config.toml)

"lost" requests were begun by a process that died before they ended; "open" ones are in flight.
`;

export async function usage(
  args: readonly string[],
  options: UsageOptions = {},
): Promise<number> {
  const { print = writeTo(Deno.stdout), printError = writeTo(Deno.stderr) } = options;
  const { openStore = (file) => configuredLedger(file, printError) } = options;
  const asked = parse(args);
  if (typeof asked === "string") {
    printError(`${asked}\n`);
    return 2;
  }
  if (asked.help) {
    print(help);
    return 0;
  }
  const ledger = await openStore(asked.config);
  if (ledger === "faults") return 2;
  if (ledger === "no_store") {
    printError("Cannot show usage: the configuration has no [store]\n");
    return 2;
  }
  try {
    const rows = await ledger.usage(asked.query);
    print(asked.json ? asJson(rows, asked.query.by) : asTable(rows, asked.query.by));
    return 0;
  } catch (error) {
    printError(`Cannot show usage: ${failureReason(error)}\n`);
    return 1;
  } finally {
    await ledger.close();
  }
}

/** Needs the configuration without its secrets: who asks for usage need not have them. */
async function configuredLedger(
  flag: string | undefined,
  printError: (text: string) => void,
): Promise<Ledger | "no_store" | "faults"> {
  const env = readEnvironment();
  const { readTextFile } = Deno;
  const loaded = await loadConfig(configPath(flag, env), { readTextFile, env });
  if (loaded.type === "faults") {
    for (const fault of loaded.faults) printError(`${faultLine(fault)}\n`);
    return "faults";
  }
  const { store } = loaded.config;
  return store === undefined ? "no_store" : await openLedger(store);
}

interface Asked {
  readonly query: UsageQuery;
  readonly json: boolean;
  readonly help: boolean;
  readonly config: string | undefined;
}

/** What was asked, or what is wrong with it. */
function parse(args: readonly string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        by: { type: "string", default: "key" },
        since: { type: "string" },
        json: { type: "boolean", default: false },
        config: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const by = usageGroups.find((group) => group === values.by);
    if (by === undefined) {
      return `Cannot use --by ${values.by}: it must be one of ${usageGroups.join(", ")}`;
    }
    if (values.since !== undefined && !isDay(values.since)) {
      return `Cannot use --since ${values.since}: it must be a day such as 2026-09-22`;
    }
    const { json, help, config } = values;
    return { query: { by, since: values.since }, json, help, config };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

function asJson(rows: readonly UsageRow[], by: UsageGroup): string {
  const objects = rows.map((row) => ({
    [by]: row.group,
    requests: row.requests,
    lost: row.lost,
    open: row.open,
    prompt_tokens: row.promptTokens,
    completion_tokens: row.completionTokens,
    total_tokens: row.promptTokens + row.completionTokens,
    cached_tokens: row.cachedTokens,
    reasoning_tokens: row.reasoningTokens,
    cost_usd: row.costUsd,
  }));
  return `${JSON.stringify(objects, null, 2)}\n`;
}

const columns = [
  ["requests", (row: UsageRow) => String(row.requests)],
  ["lost", (row: UsageRow) => String(row.lost)],
  ["open", (row: UsageRow) => String(row.open)],
  ["prompt", (row: UsageRow) => String(row.promptTokens)],
  ["completion", (row: UsageRow) => String(row.completionTokens)],
  ["cached", (row: UsageRow) => String(row.cachedTokens)],
  ["reasoning", (row: UsageRow) => String(row.reasoningTokens)],
  ["cost", (row: UsageRow) => `$${row.costUsd.toFixed(6)}`],
] as const;

/** Names to the left, figures to the right, and their sum below. */
function asTable(rows: readonly UsageRow[], by: UsageGroup): string {
  if (rows.length === 0) return "No request is in the ledger yet.\n";
  // A request is in the row of every model it asked, so those do not add up to requests.
  const shown = by === "model" ? rows : [...rows, totalOf(rows)];
  const lines = [
    [by, ...columns.map(([title]) => title)],
    ...shown.map((row) => [row.group, ...columns.map(([, figure]) => figure(row))]),
  ];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) => {
    const cells = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    );
    return `${cells.join("  ")}\n`;
  }).join("");
}

function totalOf(rows: readonly UsageRow[]): UsageRow {
  const total = (figure: (row: UsageRow) => number) =>
    rows.reduce((sum, row) => sum + figure(row), 0);
  return {
    group: "total",
    requests: total((row) => row.requests),
    lost: total((row) => row.lost),
    open: total((row) => row.open),
    promptTokens: total((row) => row.promptTokens),
    completionTokens: total((row) => row.completionTokens),
    cachedTokens: total((row) => row.cachedTokens),
    reasoningTokens: total((row) => row.reasoningTokens),
    costUsd: total((row) => row.costUsd),
  };
}

function writeTo(stream: { writeSync(bytes: Uint8Array): number }): (text: string) => void {
  const encoder = new TextEncoder();
  return (text) => {
    let bytes = encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  };
}
