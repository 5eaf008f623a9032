/**
 * Served fuzz: hostile requests at the whole house: over sockets, through workers, to a simulated
 * upstream and back. Slower than door_fuzz.ts, and what is accepted goes all the way.
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ServedGateway } from "../support/served_gateway.ts";
import { ensureQuiet, type FuzzOptions } from "./door_fuzz.ts";
import { type HostileRequest, hostileRequest } from "./hostile_requests.ts";
import { ensureWellAnswered, type Verdict } from "./well_answered.ts";

/** @throws where an answer is not as it must be, with the request cut down to what is wrong */
export async function fuzzServed(
  { runs, seed }: Pick<FuzzOptions, "runs" | "seed">,
): Promise<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = { accepted: 0, refused: 0 };
  await withServed(async (post) => {
    const property = fc.asyncProperty(hostileRequest, async (request) => {
      counts[(await post(request)).verdict]++;
    });
    await fc.assert(property, { numRuns: runs, seed });
  });
  return counts;
}

export type Post = (
  request: Pick<HostileRequest, "path" | "bytes">,
) => Promise<{ readonly verdict: Verdict; readonly status: number }>;

/** A house to post at, which is to be in good order at the end. */
export async function withServed(work: (post: Post) => Promise<void>): Promise<void> {
  await using house = await ServedGateway.start({ server: 'passthrough = ["solo"]' });
  await work(async ({ path, bytes }) => {
    const response = await fetch(house.url + path, { method: "POST", body: bytes });
    return { verdict: await ensureWellAnswered(response, { bytes }), status: response.status };
  });
  assert.equal((await house.ask()).status, 200);
  const metrics = await house.metrics();
  assert.match(metrics, /^tutti_in_flight 0$/m);
  assert.match(metrics, /^tutti_worker_restarts_total 0$/m);
  ensureQuiet(metrics + house.lines.join(""));
}
