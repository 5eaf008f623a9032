/**
 * Reads what a client posts: a JSON object, within the limits. Nothing is spent on a request that
 * would only be shed once it has been read.
 * @module
 */
import { type JsonObject, readJsonObject } from "../gate/read_json_object.ts";
import { readBody } from "./read_body.ts";
import type { Serving } from "./serve_run.ts";

export interface PostedRequest {
  readonly body: JsonObject;
  /** The body as it came. */
  readonly bytes: Uint8Array;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
}

/** @throws {Refused} */
export async function readRequest(
  request: Request,
  { admission, maxBodyBytes, bodyTimeoutMs, clock }: Serving,
): Promise<PostedRequest> {
  const arrivedAt = clock.now();
  admission.ensureOpen();
  const bytes = await readBody(request, {
    maxBytes: maxBodyBytes,
    timeoutMs: bodyTimeoutMs,
    clock,
  });
  return { body: readJsonObject(bytes), bytes, arrivedAt };
}
