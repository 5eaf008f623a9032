/**
 * Refusal: why a request is turned away before a run is started for it, as data. The HTTP room
 * alone turns it into a status. A refusal's words may hold what the client itself sent, cut short;
 * they never hold a key or a part of a prompt.
 * @module
 */
import type { LimitName, LimitState } from "../store/store.ts";

export type ShedReason = "queue_full" | "queue_timeout" | "shutting_down";

export type Refusal =
  | {
    readonly type: "invalid_request";
    readonly message: string;
    /** The field at fault, as OpenAI writes it: `messages[0].content`. */
    readonly param: string | null;
    readonly code:
      | "missing_required_parameter"
      | "invalid_value"
      | "unknown_parameter"
      | "unsupported_parameter"
      | null;
  }
  | { readonly type: "unauthenticated"; readonly keySent: boolean }
  | {
    readonly type: "model_not_found";
    readonly model: string;
    /** What to do instead. Default: to look at the list of models. */
    readonly hint?: string;
  }
  | {
    /** It never was, was not stored, is forgotten, or is another client's. */
    readonly type: "response_not_found";
    readonly id: string;
    /** The parameter that names it; null where the path does. */
    readonly param: "previous_response_id" | null;
  }
  | { readonly type: "body_too_large"; readonly maxBytes: number }
  | { readonly type: "body_too_slow"; readonly timeoutMs: number }
  | { readonly type: "shed"; readonly reason: ShedReason; readonly retryAfterMs: number }
  | {
    readonly type: "over_limit";
    readonly limit: LimitName;
    readonly message: string;
    readonly retryAfterMs: number;
    /** The request alone is above the limit: waiting does not help. */
    readonly tooLarge: boolean;
    readonly state: LimitState;
  }
  /** The limits cannot be checked, and no request may pass unchecked. */
  | { readonly type: "store_away"; readonly message: string; readonly retryAfterMs: number }
  | { readonly type: "deadline_exceeded" }
  | { readonly type: "client_left" }
  /** The request comes from a gateway of this kind: perhaps from this one. */
  | { readonly type: "recursion" }
  | { readonly type: "not_found"; readonly method: string; readonly path: string }
  | { readonly type: "method_not_allowed"; readonly method: string; readonly allow: string };

/** The one Error class that carries a {@link Refusal} up to the HTTP room's error handler. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly refusal: Refusal) {
    super(refusal.type);
  }
}
