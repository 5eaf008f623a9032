/**
 * Evidence: everything that a run has left to be judged by. Types only.
 * @module
 */
import type { Totals } from "../../src/simulation/recorder.ts";
import type { CallBook } from "./call_book.ts";
import type { Ledger } from "./ledger.ts";
import type { Resting } from "./resting.ts";
import type { Storm } from "./storm.ts";
import type { Witness } from "./witness.ts";

export interface Evidence {
  readonly storm: Storm;
  readonly reloaded: number;
  readonly book: CallBook;
  readonly witness: Witness;
  /** What `/metrics` showed at the end. */
  readonly metrics: string;
  readonly ledger: Ledger;
  readonly totals: Totals;
  /** When the storm was over, with everything still up. */
  readonly resting: Resting;
  /** What became of clean requests. */
  readonly calm: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** The end had to wait for something that nobody worked on. */
  readonly neededGrace: boolean;
  /** When everything had been ended. */
  readonly left: { readonly workers: number; readonly resources: readonly string[] };
}
