/**
 * Failure: what went wrong, as plain data. Class, name and fields of an Error do not survive
 * postMessage, so every border (worker, coordinator, HTTP) passes this value instead.
 *
 * `code` says what happened, `source` whose fault it is, `retryable` whether the same request may
 * succeed when sent again. `message` is worded by us: it never holds an upstream's body, a key or
 * a prompt.
 * @module
 */
import * as z from "zod";

export const failureSchema = z.strictObject({
  code: z.enum([
    "timeout",
    "http_400",
    "http_401",
    "http_403",
    "http_404",
    "http_429",
    "http_4xx",
    "http_5xx",
    "connect",
    "malformed",
    "empty",
    "too_large",
    "crashed",
    "cancelled",
    "overloaded",
    "unavailable",
    "unsupported",
    "circuit_open",
  ]),
  source: z.enum(["client", "gateway", "upstream"]),
  retryable: z.boolean(),
  message: z.string(),
  /** The upstream's HTTP status, where there was one. */
  status: z.int().optional(),
  /** How long the upstream asked us to wait (`Retry-After`), in milliseconds. */
  retryAfterMs: z.number().nonnegative().optional(),
  /** The upstream's own error code, kept only when it is a plain lower-case identifier. */
  upstreamCode: z.string().regex(/^[a-z_]{3,48}$/).optional(),
});

export type Failure = z.infer<typeof failureSchema>;
export type FailureCode = Failure["code"];

/** The one Error class that carries a {@link Failure} within a thread. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  /** @param partial what is still worth knowing of the failed work, by the role's protocol */
  constructor(readonly failure: Failure, readonly partial?: unknown) {
    super(failure.message);
  }
}
