/**
 * Parts: what both upstreams say and do, beside their answers.
 * @module
 */

/** What the weather tool says, and so what an answer after it has to say. */
export const WEATHER = "18 degrees and rain";

/** Statuses of an upstream, each the model `status-<n>` and the profile `status_<n>`. */
export const STATUSES = [400, 401, 403, 404, 429, 500] as const;

/** Nobody waits for the end of it. */
export const ENDLESS = "Word after word. ".repeat(1_000);
