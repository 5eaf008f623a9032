/**
 * Figure: what is measured, and what it is to reach. The table that all of them make up is issue 2's
 * "What it must reach".
 * @module
 */
import type { GatewayProcess } from "../gateway_process.ts";
import type { Target } from "../target.ts";
import type { UpstreamProcess } from "../upstream_process.ts";

export interface Bench {
  readonly target: Target;
  readonly upstream: UpstreamProcess;
  /** How far the upstream's clock is ahead of ours, in milliseconds. */
  readonly upstreamAheadMs: number;
  /** Multiplies how long, or how often, each figure is measured. */
  readonly pace: number;
  /** Starts the target once more, as a process of its own; absent where the target is not ours. */
  readonly startAnother?: () => Promise<GatewayProcess>;
}

/** One row of the table. */
export interface Row {
  readonly figure: string;
  readonly toReach: string;
  /** Null where it cannot be measured for this target. */
  readonly measured: string | null;
  readonly reached: boolean | null;
  /** The same in numbers, by what they are and in which unit: `p50Ms`. */
  readonly values: Readonly<Record<string, number>>;
}

export type Measure = (bench: Bench) => Promise<readonly Row[]>;

/** The row of a figure that needs more of a target than its address. */
export function notMeasured(figure: string, toReach: string): Row {
  return { figure, toReach, measured: null, reached: null, values: {} };
}
