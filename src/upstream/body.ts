/**
 * Body: writes a call's request body, and reads an answer's no further than its limit. A worker
 * that runs out of memory takes the whole process with it, so nothing is read uncounted.
 * @module
 */
import { FailureError } from "../protocol/failure.ts";
import { failureOf } from "./classify.ts";

/** The JSON text of a chat-completion request; the conversation is pasted in as it came. */
export function writeBody(
  model: string,
  { params, messages }: { params: Readonly<Record<string, unknown>>; messages: string },
): string {
  const head = JSON.stringify({ model, ...params });
  return `${head.slice(0, -1)},"messages":${messages}}`;
}

/** The whole body as text; fails `too_large` past `maxBytes`. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  if (response.headers.has("content-encoding")) {
    // We ask for `identity`; what is compressed all the same could unpack to any size.
    await response.body?.cancel();
    throw new FailureError(failureOf("malformed"));
  }
  const declared = response.headers.get("content-length");
  if (declared !== null && Number(declared) <= maxBytes) return await response.text();
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of countedBytes(response, maxBytes)) {
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/** The body's bytes as they come; fails `too_large` past `maxBytes`. */
export async function* countedBytes(
  response: Response,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let left = maxBytes;
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw new FailureError(failureOf("too_large"));
  }
  for await (const bytes of response.body ?? []) {
    left -= bytes.byteLength;
    if (left < 0) throw new FailureError(failureOf("too_large"));
    yield bytes;
  }
}
