/**
 * Call book: what the upstream knows of the calls that were made for each request. It is the
 * simulation's script: it decides what happens to a call, and what usage is reported of it.
 *
 * The n-th call that is made for a request uses 4^n tokens of each kind. The sum that a gateway has
 * counted for the request, written to the base of four, then says of each call how often it was
 * counted: a call left out, counted twice, or made up can never be hidden by another.
 * @module
 */
import type { Behaviour } from "../../src/simulation/behaviour.ts";
import type { EndedAs, RecordedRequest } from "../../src/simulation/recorded_request.ts";
import { CHAOS } from "./request_plan.ts";
import { faultOf, NO_FAULT, type UpstreamFault } from "./upstream_faults.ts";

export interface BookedCall {
  readonly model: string;
  readonly fault: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Absent while it is open. */
  readonly endedAs?: EndedAs;
  readonly endedAt?: number;
  /** Its usage was sent. */
  readonly told?: boolean;
}

export const TOKEN_KINDS = ["prompt", "completion", "cached", "reasoning"] as const;

export class CallBook {
  /** By request id, in order of arrival. */
  readonly calls = new Map<string, BookedCall[]>();
  /** Where the calls that have not ended stand, by their numbers at the simulation. */
  readonly #open = new Map<number, { readonly calls: BookedCall[]; readonly place: number }>();

  constructor(readonly seed: number) {}

  readonly script = (record: RecordedRequest): Behaviour => {
    const request = String(record.body.user);
    const { model } = record;
    const calls = this.calls.get(request) ?? [];
    this.calls.set(request, calls);
    const attempt = calls.filter((call) => call.model === model).length;
    const { name, behaviour } = this.#faultOf({ request, model, attempt });
    const place = calls.push({ model, fault: name, at: record.at }) - 1;
    this.#open.set(record.number, { calls, place });
    const tokens = 4 ** place;
    return {
      ...behaviour,
      usage: { prompt: tokens, completion: tokens, cached: tokens, reasoning: tokens },
    };
  };

  readonly onEnded = ({ number, endedAs, endedAt, usageReported }: RecordedRequest): void => {
    const open = this.#open.get(number);
    if (!open || endedAs === undefined || endedAt === undefined) return;
    this.#open.delete(number);
    const call = open.calls[open.place]!;
    open.calls[open.place] = { ...call, endedAs, endedAt, told: usageReported };
  };

  #faultOf(call: Parameters<typeof faultOf>[0]): UpstreamFault {
    return call.request.startsWith(CHAOS) ? faultOf(call, this.seed) : NO_FAULT;
  }
}

/** How often each of a request's calls is in the sum that was counted for it. */
export function timesCounted(tokens: number): number[] {
  return [...tokens.toString(4)].reverse().map(Number);
}
