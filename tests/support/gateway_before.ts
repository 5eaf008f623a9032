/**
 * The whole gateway on loopback, real workers included, in front of whatever upstream a test has.
 * @module
 */
import { createHash } from "node:crypto";
import { faultLine } from "../../src/config/faults.ts";
import { parseConfig } from "../../src/config/load.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { createLog } from "../../src/observe/log.ts";
import { openStore } from "../../src/store/open_store.ts";

export interface GatewayBeforeOptions {
  /** TOML of everything but `[backend]`. */
  readonly toml: string;
  /** The key that the upstream asks for. */
  readonly upstreamKey?: string;
  /** The key that clients must present. */
  readonly clientKey?: string;
}

export interface GatewayBefore extends AsyncDisposable {
  readonly url: string;
  readonly gateway: Gateway;
  /** Has it read its configuration again. */
  reload(): Promise<boolean>;
  /** The log. */
  readonly lines: readonly string[];
  /** A metric's line, as `/metrics` has it. */
  metric(start: string): Promise<string | undefined>;
}

/** @param upstreamUrl As a client's base URL: `http://127.0.0.1:PORT/v1`. */
export async function gatewayBefore(
  upstreamUrl: string,
  { toml, upstreamKey, clientKey }: GatewayBeforeOptions,
): Promise<GatewayBefore> {
  // Tables come after the keys of the top, in whatever order.
  const text = `${toml}\n[backend]\nbase_url = "${upstreamUrl}"\n`;
  const parsed = parseConfig(text, {
    path: "config.toml",
    env: { TUTTI_SERVER__BIND: "127.0.0.1:0" },
  });
  if (parsed.type === "faults") throw new Error(parsed.faults.map(faultLine).join("\n"));
  const lines: string[] = [];
  const sha256 = clientKey && createHash("sha256").update(clientKey).digest("hex");
  const store = await openStore(undefined, {
    clock: { now: Date.now, tickMs: () => performance.now() },
    processId: "test",
    onEvent: () => {},
  });
  const loaded = {
    config: parsed.config,
    secrets: {
      upstreamKeys: new Map(upstreamKey === undefined ? [] : [["default", upstreamKey]]),
      clientKeys: sha256 ? [{ name: "client", sha256, limits: {} }] : [],
    },
  };
  const gateway = await startGateway({
    ...loaded,
    store,
    log: createLog({ write: (line) => lines.push(line), now: Date.now }),
  });
  await gateway.system.ready();
  return {
    url: gateway.url,
    gateway,
    lines,
    reload: () => gateway.reload(loaded),
    metric: async (start) => {
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      return metrics.split("\n").find((line) => line.startsWith(start));
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await store.close();
    },
  };
}
