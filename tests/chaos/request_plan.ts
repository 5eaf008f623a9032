/**
 * Request plan: what the n-th request of a run asks for and how its client behaves. The seed and n
 * decide it, never what happened before, so that a run can be repeated.
 * @module
 */
import { seededRng } from "../../src/simulation/rng.ts";
import type { KeyName } from "./chaos_config.ts";
import { draw, type Weighted } from "./draw.ts";

export interface RequestPlan {
  /** Its `x-request-id`, and the `user` by which the upstream knows whom its calls are made for. */
  readonly id: string;
  readonly model: string;
  readonly stream: boolean;
  readonly key: KeyName;
  readonly route?: "single" | "fuse";
  /** Less than the profile's own. Milliseconds. */
  readonly deadlineMs?: number;
  readonly manner: Manner;
}

export type Manner =
  | { readonly type: "stays" }
  | { readonly type: "leaves"; readonly afterMs: number }
  /** In the middle of a stream. */
  | { readonly type: "leaves_reading"; readonly afterReads: number }
  | { readonly type: "reads_slowly"; readonly pauseMs: number };

export const CHAOS = "chaos-";

/** A refused model among them: what is never served must end as clearly. */
const MODELS: Weighted<string> = [
  [30, "fusion/trio"],
  [20, "fusion/quint"],
  [20, "fusion/sorted"],
  [5, "fusion/trio:vote"],
  [5, "fusion/quint:consensus"],
  [10, "fusion/trio:select"],
  [5, "fusion/trio:cascade"],
  [2, "fusion/nowhere"],
];

const KEY_NAMES: Weighted<KeyName> = [[9, "wide"], [1, "narrow"]];
const ROUTES: Weighted<RequestPlan["route"]> = [[8, undefined], [2, "single"]];
const DEADLINES: Weighted<number | undefined> = [[9, undefined], [1, 400]];
const MANNERS: Weighted<Manner["type"]> = [
  [7, "stays"],
  [1, "leaves"],
  [1, "leaves_reading"],
  [1, "reads_slowly"],
];

export function planRequest(seed: number, number: number): RequestPlan {
  const rng = seededRng(seed, "request", number);
  const [route, deadlineMs] = [draw(ROUTES, rng), draw(DEADLINES, rng)];
  return {
    id: `${CHAOS}${number}`,
    model: draw(MODELS, rng),
    stream: rng.next() < 0.5,
    key: draw(KEY_NAMES, rng),
    ...(route && { route }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    manner: mannerOf(draw(MANNERS, rng), rng.next()),
  };
}

function mannerOf(type: Manner["type"], chance: number): Manner {
  switch (type) {
    case "stays":
      return { type };
    case "leaves":
      return { type, afterMs: Math.floor(chance * 600) };
    case "leaves_reading":
      return { type, afterReads: 1 + Math.floor(chance * 12) };
    case "reads_slowly":
      return { type, pauseMs: 5 + Math.floor(chance * 15) };
    default:
      return type satisfies never;
  }
}
