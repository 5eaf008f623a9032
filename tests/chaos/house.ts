/**
 * House: the real gateway on loopback with its workers and its ledger, in front of the real simulated
 * upstream, all in this process, and what may be done to it: its workers killed, its configuration
 * changed.
 * @module
 */
import { watchConfig } from "../../src/cli/config_watch.ts";
import { faultLine } from "../../src/config/faults.ts";
import { parseConfig } from "../../src/config/load.ts";
import { resolveSecrets } from "../../src/config/secrets.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { type Simulation, startSimulation } from "../../src/simulation/simulation.ts";
import { openStore } from "../../src/store/open_store.ts";
import type { Store } from "../../src/store/store.ts";
import { listenAttentively } from "../support/attentive_server.ts";
import type { CallBook } from "./call_book.ts";
import { chaosConfig, GRACE_MS } from "./chaos_config.ts";
import { type Ledger, readLedger } from "./ledger.ts";
import { Witness } from "./witness.ts";

export interface HouseOptions {
  readonly load: number;
  readonly seed: number;
  readonly book: CallBook;
}

interface Parts {
  readonly options: HouseOptions;
  readonly folder: string;
  readonly upstream: Simulation;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly witness: Witness;
}

const FEWEST_WORKERS = 2;

export class House implements AsyncDisposable {
  readonly upstream: Simulation;
  readonly gateway: Gateway;
  readonly witness: Witness;
  /** As configured now. */
  workers = FEWEST_WORKERS;
  reloaded = 0;
  /** Its end had to wait for something that nobody worked on. */
  neededGrace = false;
  readonly #parts: Parts;
  readonly #watch: Disposable;
  #reloading: PromiseWithResolvers<void> | undefined;
  #ended: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.upstream = parts.upstream;
    this.gateway = parts.gateway;
    this.witness = parts.witness;
    this.#watch = watchConfig(configPath(parts), () => this.#reloadNow());
  }

  static async start(options: HouseOptions): Promise<House> {
    const { book, seed } = options;
    const folder = await Deno.makeTempDir({ prefix: "tutti-chaos-" });
    const upstream = await startSimulation({
      seed,
      script: book.script,
      keepRequests: 0,
      // Calls that are hung up on must be seen to end, whatever they wait for.
      listen: listenAttentively,
      defaults: {
        firstTokenMs: { median: 25, sigma: 0.6 },
        tokensPerSecond: 2_000,
        dripMs: 25,
      },
    });
    upstream.onEnded(book.onEnded);
    const place = { options, folder, upstream };
    writeConfig(place, FEWEST_WORKERS);
    const loaded = await load(place);
    const witness = new Witness();
    const { metrics, log } = witness;
    const store = await openStore(loaded.config.store, {
      clock: { now: Date.now, tickMs: () => performance.now() },
      processId: "chaos",
      onEvent: ({ type }) => witness.errors.push(`store ${type}`),
    });
    const gateway = await startGateway({ ...loaded, store, metrics, log });
    await gateway.system.ready();
    return new House({ ...place, store, gateway, witness });
  }

  /** Kills workers as a crash would; returns at once. */
  kill(slots: readonly number[]): void {
    const [pool] = this.gateway.system.pools;
    for (const slot of slots) pool!.crash(slot);
  }

  /** Changes the file and sends SIGHUP; false where a change is still under way. */
  reload(): boolean {
    if (this.#reloading) return false;
    this.#reloading = Promise.withResolvers();
    writeConfig(this.#parts, this.workers === FEWEST_WORKERS ? FEWEST_WORKERS + 1 : FEWEST_WORKERS);
    Deno.kill(Deno.pid, "SIGHUP");
    return true;
  }

  /** Resolves when no change of the configuration is under way. */
  async settled(): Promise<void> {
    await this.#reloading?.promise;
  }

  async #reloadNow(): Promise<void> {
    try {
      const loaded = await load(this.#parts);
      if (!await this.gateway.reload(loaded)) throw new Error("a good configuration was refused");
      this.workers = loaded.config.runtime.workers;
      this.reloaded++;
    } catch (error) {
      this.witness.errors.push(String(error));
    } finally {
      this.#reloading?.resolve();
      this.#reloading = undefined;
    }
  }

  /** Ends everything, and gives what was written down. */
  async end(): Promise<Ledger> {
    await (this.#ended ??= this.#endNow());
    return readLedger(ledgerPath(this.#parts));
  }

  async #endNow(): Promise<void> {
    const { gateway, store, upstream } = this.#parts;
    this.#watch[Symbol.dispose]();
    const endsAt = performance.now();
    await gateway.close();
    this.neededGrace = performance.now() - endsAt >= GRACE_MS;
    await store.close();
    await upstream.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#ended ??= this.#endNow());
    await Deno.remove(this.#parts.folder, { recursive: true });
  }
}

type Place = Pick<Parts, "options" | "folder" | "upstream">;

const configPath = ({ folder }: Pick<Place, "folder">) => `${folder}/config.toml`;
const ledgerPath = ({ folder }: Pick<Place, "folder">) => `${folder}/ledger.sqlite`;

function writeConfig(place: Place, workers: number): void {
  const { options: { load }, upstream: { url } } = place;
  const text = chaosConfig({ upstreamUrl: url, ledger: ledgerPath(place), load, workers });
  Deno.writeTextFileSync(configPath(place), text);
}

async function load(place: Place) {
  const path = configPath(place);
  const parsed = parseConfig(await Deno.readTextFile(path), { path, env: {} });
  if (parsed.type === "faults") throw new Error(parsed.faults.map(faultLine).join("\n"));
  return { config: parsed.config, secrets: resolveSecrets(parsed.config, {}) };
}
