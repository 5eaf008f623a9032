/**
 * Shared workers: Web Workers that the pools of several roles share, slot by slot. Every worker is
 * the host of one actor of each role: a thread more would cost its memory and be one more to wake,
 * and actors that wait for the network do not need it. They live and die together.
 * @module
 */
import type { DownReason } from "../protocol/lifecycle.ts";
import type { Host } from "./actor_ref.ts";
import { rolePorts } from "./role_ports.ts";

export class SharedWorkers {
  readonly #workers = new Map<number, SharedWorker>();

  /**
   * @param spawn brings up the worker in a slot
   * @param onRestart called before one is brought up in the place of a dead one
   */
  constructor(readonly spawn: (slot: number) => Host, readonly onRestart?: () => void) {}

  /** The host of the actor of `role` in the worker in `slot`. */
  host(role: string, slot: number): Host {
    let worker = this.#workers.get(slot);
    if (!worker || worker.ended) {
      if (worker) this.onRestart?.();
      worker = new SharedWorker(this.spawn(slot));
      this.#workers.set(slot, worker);
    }
    return worker.hostOf(role);
  }
}

class SharedWorker {
  readonly #host: Host;
  readonly #portOf: ReturnType<typeof rolePorts>;
  /** By role, for the actors that have not gone: whom to tell of the worker's death. */
  readonly #reports = new Map<string, (reason: DownReason) => void>();
  #ended = false;

  constructor(host: Host) {
    this.#host = host;
    this.#portOf = rolePorts(host.port);
    host.onCrash((reason = "crashed") => this.#end(reason));
  }

  get ended(): boolean {
    return this.#ended;
  }

  hostOf(role: string): Host {
    this.#reports.set(role, () => {});
    return {
      port: this.#portOf(role),
      onCrash: (report) => void this.#reports.set(role, report),
      leave: () => {
        this.#reports.delete(role);
        if (this.#reports.size === 0) this.#end("exited");
      },
      kill: (reason = "exited") => {
        this.#reports.delete(role);
        this.#end(reason);
      },
    };
  }

  #end(reason: DownReason) {
    if (this.#ended) return;
    this.#ended = true;
    this.#host.kill(reason);
    for (const report of [...this.#reports.values()]) report(reason);
  }
}
