/**
 * Worker count: watches how many Web Workers are made and ended, by putting itself in the place of
 * the global `Worker` while it is in use. A worker counts as alive until `terminate()` was called
 * on it: one that ended by itself and was never seen to is a leak as well.
 * @module
 */

export interface WorkerCount extends Disposable {
  /** Made since the watch began. */
  readonly made: number;
  /** Made since the watch began and not ended. */
  readonly alive: number;
}

export function watchWorkers(): WorkerCount {
  const OriginalWorker = globalThis.Worker;
  const alive = new Set<Worker>();
  let made = 0;
  globalThis.Worker = class extends OriginalWorker {
    constructor(url: string | URL, options?: ConstructorParameters<typeof Worker>[1]) {
      super(url, options);
      made++;
      alive.add(this);
    }
    override terminate(): void {
      alive.delete(this);
      super.terminate();
    }
  };
  return {
    get made() {
      return made;
    },
    get alive() {
      return alive.size;
    },
    [Symbol.dispose]: () => {
      globalThis.Worker = OriginalWorker;
    },
  };
}
