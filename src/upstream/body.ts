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
  const head = JSON.stringify({ ...params, model });
  return `${head.slice(0, -1)},"messages":${messages}}`;
}

/** The whole body as text; fails `too_large` past `maxBytes`. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const declared = response.headers.get("content-length");
  if (declared !== null && Number(declared) <= maxBytes) {
    // A third cheaper than reading it bit by bit; the transport holds it to what it declared.
    return await fromNetwork(response.text());
  }
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of countedBytes(response, maxBytes)) {
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

const READ_BYTES = 16 * 1024;

/**
 * The body's bytes as they come; fails `too_large` past `maxBytes`. Each piece is to be done with
 * before the next one is asked for: they share one buffer, which costs a third of reading without.
 * A body that is not read to its end is left to the call's abort.
 */
export async function* countedBytes(
  response: Response,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  // We ask for `identity`; what is compressed all the same cannot be read, and is not unpacked.
  if (isCompressed(response)) throw new FailureError(failureOf("malformed"));
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    throw new FailureError(failureOf("too_large"));
  }
  const reader = response.body?.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(READ_BYTES);
  let left = maxBytes;
  while (reader) {
    const { done, value } = await fromNetwork(reader.read(new Uint8Array(buffer)));
    if (done) return;
    left -= value.byteLength;
    if (left < 0) throw new FailureError(failureOf("too_large"));
    yield value;
    buffer = value.buffer;
  }
}

/** Whatever the network rejects with is `connect`; an error of our own is not taken for that. */
export async function fromNetwork<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch {
    throw new FailureError(failureOf("connect"));
  }
}

function isCompressed({ headers }: Response): boolean {
  const encoding = headers.get("content-encoding");
  return encoding !== null && encoding.trim().toLowerCase() !== "identity";
}
