/**
 * Start: serves the gateway until SIGINT or SIGTERM.
 * @module
 */
import { parseArgs } from "node:util";
import { parseBind } from "../config/bind.ts";
import type { Config } from "../config/config.ts";
import { type Gateway, startGateway } from "../gateway.ts";
import { createLog, type Log } from "../observe/log.ts";
import { createMetrics, type Metrics } from "../observe/metrics.ts";
import { openStore } from "../store/open_store.ts";
import type { Store, StoreEvent } from "../store/store.ts";
import { configFrom, type ConfigWithSecrets } from "./config_from.ts";
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

  const log = createLog({ write: io.out, now: Date.now });
  const metrics = createMetrics();
  const store = await openStore(loaded.config.store, {
    clock: { now: Date.now, tickMs: () => performance.now() },
    processId: crypto.randomUUID().slice(0, 8),
    onEvent: (event) => reportStore(event, { log, metrics }),
  });
  try {
    return await serve(loaded, { flags, io, log, metrics, store });
  } finally {
    await store.close();
  }
}

/** What a reload does not change. */
const LASTING: Readonly<Record<string, (config: Config) => unknown>> = {
  "[store]": ({ store }) => store,
  "[server] bind": ({ server }) => server.bind,
  "[server] metrics_bind": ({ server }) => server.metricsAddress,
};

interface Surroundings {
  readonly flags: Flags;
  readonly io: ProcessIo;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
}

async function serve(
  { config, secrets, path }: ConfigWithSecrets,
  { flags, io, log, metrics, store }: Surroundings,
): Promise<number> {
  const stopped = io.stopped();
  let gateway: Gateway;
  try {
    const bind = flags.bind && { bind: flags.bind };
    gateway = await startGateway({ config, secrets, log, metrics, store, ...bind });
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
  await gateway.system.ready();
  const { ready, reasons } = gateway.system.readiness();
  if (!ready) {
    io.err(`Cannot serve: ${reasons.join("; ")}\n`);
    await gateway.close();
    return 1;
  }
  if (gateway.metricsUrl) log.info(`metrics on ${gateway.metricsUrl}`);
  log.info(`listening on ${gateway.url}`);
  {
    using _watch = watchConfig(path, async () => {
      // A configuration that cannot serve is said and refused; the one that serves stays.
      const next = await configFrom(flags.config, io);
      if (!next || !await gateway.reload(next)) {
        return log.error("configuration refused, the old one stays");
      }
      log.info("configuration reloaded");
      for (const [what, of] of Object.entries(LASTING)) {
        if (JSON.stringify(of(next.config)) !== JSON.stringify(of(config))) {
          log.warn(`a change of ${what} needs a restart: it stays as it was`);
        }
      }
    });
    await stopped;
  }
  log.info("shutting down");
  await gateway.close();
  return 0;
}

/** What happens to single requests is only counted: the log would drown in it. */
function reportStore(event: StoreEvent, { log, metrics }: { log: Log; metrics: Metrics }): void {
  const { type, ...fields } = event;
  metrics.storeEvent(type, type === "lost" ? event.requests : 1);
  if (type === "unchecked" || type === "refused") return;
  if (type === "back") log.info("store back", fields);
  else log.warn(`store ${type === "away" ? "away" : `${type} ledger entries`}`, fields);
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
