/**
 * Breakable workers: has every Web Worker that is made while it is in use run another program, and
 * gives the test a hand on each.
 * @module
 */
import type { Break } from "./breakable_worker.ts";

export type WorkerProgram = "breakable" | "small" | "stillborn";

const PROGRAMS: Readonly<Record<WorkerProgram, URL>> = {
  breakable: new URL("./breakable_worker.ts", import.meta.url),
  small: new URL("./small_worker.ts", import.meta.url),
  /** Speaks no word of the protocol, which is its end. */
  stillborn: new URL("data:application/javascript,postMessage(0)"),
};

export interface BreakableWorkers extends Disposable {
  /** What workers run that are made from now on. */
  program: WorkerProgram;
  /** All that were made, in order. */
  readonly made: readonly Worker[];
  break(worker: Worker, how: Break): void;
}

export function breakableWorkers(program: WorkerProgram = "breakable"): BreakableWorkers {
  const OriginalWorker = globalThis.Worker;
  const made: Worker[] = [];
  const workers: BreakableWorkers = {
    program,
    made,
    break: (worker, how) => worker.postMessage(how),
    [Symbol.dispose]: () => {
      globalThis.Worker = OriginalWorker;
    },
  };
  globalThis.Worker = class extends OriginalWorker {
    constructor(_url: string | URL, options?: ConstructorParameters<typeof Worker>[1]) {
      super(PROGRAMS[workers.program], options);
      made.push(this);
    }
  };
  return workers;
}
