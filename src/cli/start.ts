/**
 * Start: serves the gateway until SIGINT or SIGTERM.
 * @module
 */
import { parseArgs } from "node:util";
import { parseBind } from "../config/bind.ts";
import { type Gateway, startGateway } from "../gateway.ts";
import { createLog, type Log } from "../observe/log.ts";
import { configFrom } from "./config_from.ts";
import { watchConfig } from "./config_watch.ts";
import { type ProcessIo, processIo } from "./process_io.ts";

const USAGE = `Usage: tutti start [--config FILE] [--bind HOST:PORT]

Serves the gateway. On "listening on http://HOST:PORT" the port accepts.

  --config FILE     the configuration; else $TUTTI_CONFIG, else ./config.toml
  --bind HOST:PORT  where to listen, whatever the configuration says (port 0: any free port)
  --help            this text

SIGHUP, and a change of the configuration's file, load it anew: a good one serves from then on without
a request being dropped, a bad one is refused with every fault, and the old one stays.
SIGINT and SIGTERM let the requests in flight finish; a second one ends the process at once.
Exit code 0 after an orderly end, 1 if it cannot serve, 2 for bad usage or a bad configuration.
`;

/** Runs until it is stopped; gives the exit code. */
export async function start(args: string[], io: ProcessIo = processIo): Promise<number> {
  const flags = readFlags(args, io);
  if (typeof flags === "number") return flags;
  const loaded = await configFrom(flags.config, io);
  if (!loaded) return 2;
  const { config, secrets, path } = loaded;

  const log = createLog({ write: io.out, now: Date.now });
  const stopped = io.stopped();
  let gateway: Gateway;
  try {
    gateway = startGateway({ config, secrets, log, ...(flags.bind ? { bind: flags.bind } : {}) });
  } catch (error) {
    const { hostname, port } = flags.bind ?? config.server;
    io.err(
      `Cannot listen on ${hostname}:${port}: ${error instanceof Error ? error.message : ""}\n`,
    );
    return 1;
  }
  await gateway.system.ready();
  const { ready, reasons } = gateway.system.readiness();
  if (!ready) {
    io.err(`Cannot serve: ${reasons.join("; ")}\n`);
    await gateway.close();
    return 1;
  }
  log.info(`listening on ${gateway.url}`);
  {
    using _watch = watchConfig(path, () => reload(gateway, { flag: flags.config, io, log }));
    await stopped;
  }
  log.info("shutting down");
  await gateway.close();
  return 0;
}

/** A configuration that cannot serve is said and refused; the one that serves stays. */
async function reload(
  gateway: Gateway,
  { flag, io, log }: { flag: string | undefined; io: ProcessIo; log: Log },
): Promise<void> {
  const loaded = await configFrom(flag, io);
  if (loaded && await gateway.reload(loaded)) log.info("configuration reloaded");
  else log.error("configuration refused, the old one stays");
}

interface Flags {
  readonly config?: string | undefined;
  readonly bind?: { readonly hostname: string; readonly port: number } | undefined;
}

function readFlags(args: string[], io: ProcessIo): Flags | number {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: "string" },
        bind: { type: "string" },
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
    return { config: values.config, bind };
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
}
