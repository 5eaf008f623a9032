/**
 * Simulate: the sub-command that serves nothing but the simulated upstream, for load tests and dry
 * runs, until SIGINT or SIGTERM.
 * @module
 */
import { parseArgs } from "node:util";
import { demoModels, realisticSettings } from "../simulation/demo_models.ts";
import {
  type Simulation,
  type SimulationOptions,
  startSimulation,
} from "../simulation/simulation.ts";
import { readSimulationConfig } from "../simulation/simulation_config.ts";

const HELP = `Serves a simulated OpenAI-compatible upstream. Every answer is made up.

Usage: deno task simulate [--bind HOST:PORT] [--config FILE] [--seed N]

  --bind HOST:PORT  where to listen (default 127.0.0.1:8090; port 0: any free port)
  --config FILE     the simulation's own TOML, or a gateway's config, whose models are then served
  --seed N          same seed, same requests: same answers, latencies and faults (default 0)
  --help            this text

Models that are not configured answer too, each in a manner of its own.
`;

/** What the sub-command says, and what ends it. */
export interface SimulateIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Resolves when the server is to stop. */
  readonly stopped: () => Promise<void>;
}

/** Runs until it is stopped. Resolves with the exit code: 0 good, 1 failed, 2 bad usage or config. */
export async function simulate(
  args: string[],
  io: SimulateIo = processIo,
): Promise<number> {
  const parsed = await readOptions(args);
  if ("help" in parsed) {
    io.out(HELP);
    return 0;
  }
  if ("faults" in parsed) {
    for (const fault of parsed.faults) io.err(`${fault}\n`);
    return 2;
  }
  const { hostname, port } = parsed.options;
  let simulation: Simulation;
  try {
    simulation = await startSimulation({ ...parsed.options, keepRequests: 0 });
  } catch (error) {
    io.err(
      `Cannot listen on ${hostname}:${port}: ${error instanceof Error ? error.message : error}\n`,
    );
    return 1;
  }
  await using _ = simulation;
  const stopped = io.stopped();
  io.out(
    `Simulated upstream, every answer made up: listening on ${
      simulation.url.replace(/\/v1$/, "")
    }\n`,
  );
  await stopped;
  return 0;
}

type Parsed =
  | { readonly help: true }
  | { readonly faults: readonly string[] }
  | { readonly options: SimulationOptions };

async function readOptions(args: string[]): Promise<Parsed> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        bind: { type: "string", default: "127.0.0.1:8090" },
        config: { type: "string" },
        seed: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { help: true };
    const bind = parseBind(values.bind);
    const seed = parseSeed(values.seed);
    const config = await readConfig(values.config);
    if ("faults" in config) return config;
    return { options: { ...config.options, ...bind, ...(seed === undefined ? {} : { seed }) } };
  } catch (error) {
    return { faults: [error instanceof Error ? error.message : String(error)] };
  }
}

async function readConfig(file: string | undefined) {
  if (file === undefined) return { options: { models: demoModels, defaults: realisticSettings } };
  const result = readSimulationConfig(await Deno.readTextFile(file));
  return "faults" in result
    ? { faults: result.faults.map((fault) => `${file}: ${fault}`) }
    : result;
}

/** `HOST:PORT`, an IPv6 host in brackets. */
function parseBind(bind: string): { hostname: string; port: number } {
  const match = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(bind);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new Error(`--bind must be HOST:PORT, not "${bind}"`);
  return { hostname: match[1] ?? match[2] ?? "", port };
}

function parseSeed(seed: string | undefined): number | undefined {
  if (seed === undefined) return undefined;
  if (!/^\d{1,15}$/.test(seed)) throw new Error(`--seed must be a whole number, not "${seed}"`);
  return Number(seed);
}

const encoder = new TextEncoder();

const processIo: SimulateIo = {
  out: (text) => Deno.stdout.writeSync(encoder.encode(text)),
  err: (text) => Deno.stderr.writeSync(encoder.encode(text)),
  stopped: () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => {
      Deno.removeSignalListener("SIGINT", stop);
      Deno.removeSignalListener("SIGTERM", stop);
      resolve();
    };
    Deno.addSignalListener("SIGINT", stop);
    Deno.addSignalListener("SIGTERM", stop);
    return promise;
  },
};
