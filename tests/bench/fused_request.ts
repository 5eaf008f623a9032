/**
 * Fused request: one chat completion as a client sends and reads it, and when what of it came.
 * @module
 */
import { preciseNow } from "./precise_clock.ts";
import { tagged } from "./scenario.ts";
import type { Target } from "./target.ts";

export interface Sent {
  /** Its number, by which the upstream's calls are found. */
  readonly request: number;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  readonly headersAt: number;
  /** First delta with content of a streamed answer. */
  readonly firstContentAt: number | null;
  readonly endedAt: number;
}

let requests = 0;

/** A number that no other request has. */
export function nextRequest(): number {
  return ++requests;
}

export interface SendOptions {
  readonly model: string;
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
  /** Default: a new one. */
  readonly request?: number;
}

/** @throws Error unless a whole answer came. */
export async function sendFused(
  { baseUrl }: Pick<Target, "baseUrl">,
  { model, stream = false, signal, request = nextRequest() }: SendOptions,
): Promise<Sent> {
  const body = JSON.stringify({
    model,
    messages: [{ role: "user", content: tagged(request) }],
    ...(stream ? { stream } : {}),
  });
  const sentAt = preciseNow();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    ...(signal ? { signal } : {}),
  });
  const headersAt = preciseNow();
  const { text, firstContentAt } = stream
    ? await readStream(response)
    // A third cheaper for whoever shares the machine with what is measured.
    : { text: await response.text(), firstContentAt: null };
  const endedAt = preciseNow();
  if (!response.ok || !text.includes(stream ? "[DONE]" : '"choices"')) {
    throw new Error(`Request ${request} was answered ${response.status}: ${text.slice(0, 200)}`);
  }
  return { request, sentAt, headersAt, firstContentAt, endedAt };
}

async function readStream(response: Response) {
  let firstContentAt: number | null = null;
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (firstContentAt === null && HAS_CONTENT.test(text)) firstContentAt = preciseNow();
  }
  return { text, firstContentAt };
}

const HAS_CONTENT = /"content":\s*"[^"]/;
