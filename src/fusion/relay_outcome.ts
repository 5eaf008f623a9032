/**
 * Relay outcome: what a request that was passed through comes to, in the terms of a run on the
 * single route, so that it is counted and reported as any run is. Pure.
 * @module
 */
import type { Usage } from "../protocol/call.ts";
import type { Failure } from "../protocol/failure.ts";
import type { Failed, Outcome } from "./outcome.ts";

export interface RelayEnd {
  /** The configured id of the model. */
  readonly model: string;
  readonly usage: Usage;
  readonly costUsd: number;
  readonly ms: number;
  /** Absent where it was answered. */
  readonly failure?: Failure;
}

export function relayOutcome({ model, usage, costUsd, ms, failure }: RelayEnd): Outcome {
  const route = "single";
  const settled = {
    route,
    usage,
    usageByModel: [{ stage: "single", model, usage, costUsd }],
    trace: {
      seed: "",
      panel: [],
      analysis: null,
      stages: [{ stage: "single", startMs: 0, ms, usage, costUsd }],
      moments: [],
      costUsd,
      dominantShare: null,
    },
  } as const;
  return failure === undefined
    ? { ...settled, type: "answered", outcome: "single", choices: [] }
    : { ...settled, type: "failed", ...reasonOf(failure), failure, members: [] };
}

function reasonOf(failure: Failure): Pick<Failed, "reason" | "message"> {
  switch (failure.code) {
    case "timeout":
      return {
        reason: "deadline_exceeded",
        message: "Cannot answer: the model took longer than its backend's time limit",
      };
    case "cancelled":
      return { reason: "cancelled", message: "Cancelled" };
    default:
      return {
        reason: "upstream_error",
        message: `The model's call failed: ${failure.message}`,
      };
  }
}
