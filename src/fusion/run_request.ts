/**
 * Run request: everything a run is started with. The HTTP room builds it after the gate has let the
 * request in; the coordinator reads it. Types only.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { RouteReason, Run } from "./outcome.ts";
import type { Profile } from "./profile.ts";

export interface RunRequest {
  /** The request's id, as in `x-request-id`. */
  readonly id: string;
  readonly profile: Profile;
  readonly request: ChatRequest;
  /** What the gate decided; `classify` asks the profile's classifier first, inside the run. */
  readonly route: "single" | "fuse" | "classify";
  /** Absent: the router's policy. */
  readonly why?: RouteReason;
  /** Whether the final answer is wanted as `Run.deltas`. */
  readonly stream: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds; the whole run ends here. */
  readonly deadlineAt: number;
}

/** How the HTTP room starts a run: one call, nobody calls back up. */
export type StartRun = (request: RunRequest) => Run;
