/**
 * Simulate: the sub-command that serves nothing but the simulated upstream, for load tests and dry
 * runs, until SIGINT or SIGTERM.
 * @module
 */
import { parseArgs } from "node:util";
import { parseBind } from "../config/bind.ts";
import { demoModels, realisticSettings } from "../simulation/demo_models.ts";
import {
  type Simulation,
  type SimulationOptions,
  startSimulation,
} from "../simulation/simulation.ts";
import { personas, refusals } from "../simulation/simulated_model.ts";
import { type ConfigResult, readSimulationConfig } from "../simulation/simulation_config.ts";
import { type ProcessIo, processIo } from "./process_io.ts";

const USAGE = `Usage: tutti simulate [--bind HOST:PORT] [--config FILE] [--seed N]

Serves a simulated OpenAI-compatible upstream: every answer is made up. Models that are not
configured answer too, each in a manner of its own.

  --bind HOST:PORT  where to listen (default 127.0.0.1:8090; port 0: any free port)
  --config FILE     the simulation's own TOML, or a gateway's config, whose models are then served
  --seed N          same seed, same requests: same answers, latencies and faults (default 0)
  --help            this text

The simulation's own TOML:

  seed = 1
  api_key = "sk-simulated"       # ask for this key
  strict_models = false          # true: 404 for models that are not below
  [defaults]                     # what a model leaves open; the same keys but for name
  tokens_per_second = 120
  [[models]]
  name = "slow"
  first_token_ms = 400           # or { median = 400, sigma = 0.3 }: log-normal
  tokens_per_second = 30         # inf, the default: the whole answer at once
  failures = { http500 = 0.1, http429 = 0.1, hang = 0.01, cut = 0.01, malformed = 0.01, empty = 0.01, drip = 0.01 }
  retry_after_s = 2              # of a 429
  drip_ms = 100                  # between two bytes of a dripped body
  refuses = ["temperature"]      # ${refusals.slice(1, 5).join(", ")},
                                 # ${refusals.slice(5).join(", ")}
  persona = "wrong"              # ${personas.slice(0, 4).join(", ")}
  answer_bytes = 1024            # filler of this size, for load tests
  reasoning = true               # reasoning_content before the content
  cached_share = 0.5             # part of each prompt reported as cached

Exit code 0 after SIGINT or SIGTERM, 1 if it cannot serve, 2 for bad usage or a bad configuration.
`;

/** Runs until it is stopped; gives the exit code. */
export async function simulate(args: string[], io: ProcessIo = processIo): Promise<number> {
  const flags = readFlags(args, io);
  if (typeof flags === "number") return flags;
  const config = await readConfig(flags.config);
  if ("faults" in config) {
    for (const fault of config.faults) io.err(`${flags.config}: ${fault}\n`);
    return 2;
  }
  const { hostname, port } = flags.bind;
  const stopped = io.stopped();
  let simulation: Simulation;
  try {
    simulation = await startSimulation({
      ...config.options,
      ...flags.seed,
      hostname,
      port,
      keepRequests: 0,
    });
  } catch (error) {
    io.err(
      `Cannot listen on ${hostname}:${port}: ${error instanceof Error ? error.message : ""}\n`,
    );
    return 1;
  }
  await using _ = simulation;
  const url = simulation.url.replace(/\/v1$/, "");
  io.out(`Simulated upstream, every answer made up: listening on ${url}\n`);
  await stopped;
  return 0;
}

interface Flags {
  readonly config: string | undefined;
  readonly bind: { readonly hostname: string; readonly port: number };
  readonly seed: Pick<SimulationOptions, "seed">;
}

function readFlags(args: string[], io: ProcessIo): Flags | number {
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
    if (values.help) {
      io.out(USAGE);
      return 0;
    }
    const bind = parseBind(values.bind);
    if (!bind) throw new Error(`--bind must be HOST:PORT, not "${values.bind}"`);
    return { config: values.config, bind, seed: parseSeed(values.seed) };
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
}

/** Absent where it is not given, so that the file's stays. */
function parseSeed(seed: string | undefined): Pick<SimulationOptions, "seed"> {
  if (seed === undefined) return {};
  if (!/^\d{1,15}$/.test(seed)) throw new Error(`--seed must be a whole number, not "${seed}"`);
  return { seed: Number(seed) };
}

async function readConfig(file: string | undefined): Promise<ConfigResult> {
  if (file === undefined) return { options: { models: demoModels, defaults: realisticSettings } };
  try {
    return readSimulationConfig(await Deno.readTextFile(file));
  } catch (error) {
    return { faults: [error instanceof Error ? error.message : String(error)] };
  }
}
