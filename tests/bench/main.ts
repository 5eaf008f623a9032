/**
 * Bench: every figure of the gateway's table, measured in one run over real processes and real
 * sockets. See {@link USAGE} for how it is called.
 * @module
 */
import { benchConfig, OF_FIVE, OF_THREE } from "./bench_config.ts";
import { addedCpu } from "./figures/added_cpu.ts";
import { addedTime } from "./figures/added_time.ts";
import type { Bench, Measure, Row } from "./figures/figure.ts";
import { memory } from "./figures/memory.ts";
import { overload } from "./figures/overload.ts";
import { saturated } from "./figures/saturated.ts";
import { startTime } from "./figures/start_time.ts";
import { straggler } from "./figures/straggler.ts";
import { streamed } from "./figures/streamed.ts";
import { GatewayProcess } from "./gateway_process.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { asJson, asTables, machine, type TargetReport } from "./report.ts";
import { UpstreamProcess } from "./upstream_process.ts";

const FIGURES: Readonly<Record<string, Measure>> = {
  "added time": addedTime,
  streamed,
  saturated,
  memory,
  overload,
  straggler,
  start: startTime,
  "added CPU": addedCpu,
};
const QUICK_PACE = 0.2;

async function run({ targets, upstreamPort, quick, only }: Options): Promise<TargetReport[]> {
  await using upstream = await UpstreamProcess.start(upstreamPort);
  const config = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(config, benchConfig(upstream.url));
    const startAnother = () => GatewayProcess.start(config);
    await using gateway = await startAnother();
    const shared = {
      upstream,
      upstreamAheadMs: await upstream.clockOffset(),
      pace: quick ? QUICK_PACE : 1,
    };
    const own = {
      name: "tutti",
      baseUrl: `${gateway.url}/v1`,
      ofThree: OF_THREE,
      ofFive: OF_FIVE,
      pid: gateway.pid,
    };
    const reports = [await measure({ ...shared, target: own, startAnother }, only)];
    for (const target of targets) reports.push(await measure({ ...shared, target }, only));
    return reports;
  } finally {
    await Deno.remove(config);
  }
}

async function measure(bench: Bench, only: string): Promise<TargetReport> {
  const rows: Row[] = [];
  for (const [name, figure] of Object.entries(FIGURES)) {
    if (!name.includes(only)) continue;
    say(`${bench.target.name}: ${name} …`);
    rows.push(...await figure(bench));
  }
  return { target: bench.target.name, rows };
}

/** Progress goes to standard error: standard output holds the figures and nothing else. */
function say(text: string, to: typeof Deno.stdout | typeof Deno.stderr = Deno.stderr) {
  to.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function main(args: string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (!options) {
    say(USAGE, Deno.stdout);
    return 0;
  }
  const reports = await run(options);
  const { deno, os, arch, cores } = machine();
  const table = () => `${asTables(reports)}\nDeno ${deno}, ${os} ${arch}, ${cores} cores`;
  say(options.json ? asJson(reports) : table(), Deno.stdout);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
