/**
 * Demo: the gateway in front of a simulated upstream, one fused answer shown with everything that
 * led to it, and then the gateway to play with until SIGINT or SIGTERM.
 * @module
 */
import { parseArgs } from "node:util";
import type { Config } from "../config/config.ts";
import { type BindAddress, parseBind } from "../config/bind.ts";
import { type Gateway, startGateway } from "../gateway.ts";
import { createLog } from "../observe/log.ts";
import { demoModels, realisticSettings } from "../simulation/demo_models.ts";
import { type Simulation, startSimulation } from "../simulation/simulation.ts";
import { analysisReport } from "./demo/analysis_report.ts";
import { askGateway } from "./demo/ask_gateway.ts";
import { costTable } from "./demo/cost_table.ts";
import { type Ink, plainInk, terminalInk } from "./demo/ink.ts";
import { MARGIN } from "./demo/page.ts";
import { invitation, memberShares, opening } from "./demo/framing.ts";
import { demoConfig, MODEL, NEXT_QUESTION, QUESTION } from "./demo/scene.ts";
import { timeline } from "./demo/timeline.ts";
import { WrappedText } from "./demo/wrapped_text.ts";
import { type ProcessIo, processIo } from "./process_io.ts";

const USAGE = `Usage: tutti demo [--bind HOST:PORT] [--once]

Starts the gateway in front of a simulated upstream, asks it one question, and shows the fused
answer and how it came about. Then it goes on serving.

  --bind HOST:PORT  where to listen (default 127.0.0.1:8080; port 0: any free port)
  --once            end after the answer; without --bind then on any free port
  --help            this text

Colour and block characters only on a terminal, and not where NO_COLOR is set.
Exit code 0 after an orderly end, 1 if it cannot serve or gets no answer, 2 for bad usage.
`;

/** Runs until it is stopped, or with `--once` until all is shown; gives the exit code. */
export async function demo(
  args: string[],
  io: ProcessIo = processIo,
  ink: Ink = inkOfStdout(),
): Promise<number> {
  const flags = readFlags(args, io);
  if (typeof flags === "number") return flags;
  const bind = flags.bind ?? { hostname: "127.0.0.1", port: flags.once ? 0 : 8080 };

  const stop = new AbortController();
  const stopped = io.stopped().then(() => stop.abort());
  await using simulation = await startSimulation({
    models: demoModels,
    defaults: realisticSettings,
    keepRequests: 16,
  });
  const config = demoConfig(simulation.url);
  // Its own request is shown better than by a line in a log.
  let isShown = false;
  const write = (line: string) => {
    if (isShown) io.out(line);
  };
  const log = createLog({ write, now: Date.now });
  let gateway: Gateway;
  try {
    const secrets = { upstreamKeys: new Map(), clientKeys: [] };
    gateway = await startGateway({ config, secrets, log, bind });
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
  try {
    await gateway.system.ready();
    const { ready, reasons } = gateway.system.readiness();
    if (!ready) throw new Error(reasons.join(", "));
    const url = nearUrl(gateway.url);
    await show({ config, url, simulation, io, ink, signal: stop.signal });
    if (flags.once) return 0;
    io.out(lines(invitation({ url, model: MODEL, question: NEXT_QUESTION }, ink)));
    isShown = true;
    log.info(`listening on ${gateway.url}`);
    await stopped;
    log.info("shutting down");
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    io.err(`\nCannot show a fused answer: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    await gateway.close();
  }
}

interface Show {
  readonly config: Config;
  readonly url: string;
  readonly simulation: Simulation;
  readonly io: ProcessIo;
  readonly ink: Ink;
  readonly signal: AbortSignal;
}

async function show({ config, url, simulation, io, ink, signal }: Show): Promise<void> {
  const { panel, aggregator } = config.profiles[0]!;
  const judge = aggregator.judge.id;
  const synthesizer = aggregator.synthesizer.id;
  const members = panel.members.map(({ id }) => id);
  io.out(lines(opening({ question: QUESTION, model: MODEL, panel }, ink)));

  const wrapped = new WrappedText({ width: ink.width - MARGIN.length, indent: MARGIN });
  const trace = await askGateway({
    text: QUESTION,
    model: MODEL,
    url,
    signal,
    onText: (text) => io.out(wrapped.add(text)),
  });
  const disconnected = simulation.requests
    .filter(({ endedAs, model }) => endedAs === "aborted" && members.includes(model))
    .map(({ model }) => model);
  io.out(lines([
    wrapped.end(),
    ...memberShares(trace, ink),
    ...timeline(trace, { minQuorum: panel.minQuorum, judge, synthesizer, disconnected }, ink),
    ...analysisReport(trace, { judge }, ink),
    ...costTable(trace, ink),
  ]));
}

const lines = (text: readonly string[]): string => `${text.join("\n")}\n`;

function inkOfStdout(): Ink {
  if (!Deno.stdout.isTerminal() || Deno.noColor) return plainInk;
  return terminalInk(Deno.consoleSize().columns);
}

/** Where somebody on this machine reaches a gateway that listens on every interface. */
function nearUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

interface Flags {
  readonly bind?: BindAddress | undefined;
  readonly once: boolean;
}

function readFlags(args: string[], io: ProcessIo): Flags | number {
  try {
    const { values } = parseArgs({
      args,
      options: {
        bind: { type: "string" },
        once: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      io.out(USAGE);
      return 0;
    }
    const bind = values.bind === undefined ? undefined : parseBind(values.bind);
    if (values.bind !== undefined && !bind) {
      throw new Error(`--bind must be HOST:PORT, not "${values.bind}"`);
    }
    return { bind, once: values.once };
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
}
