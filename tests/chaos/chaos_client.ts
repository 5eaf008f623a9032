/**
 * Chaos client: sends one planned request and behaves as it is planned: stays, leaves before it is
 * answered or in the middle of its answer, or reads slowly.
 * @module
 */
import { KEYS } from "./chaos_config.ts";
import { type ClientEnd, streamEnd, wholeEnd } from "./client_end.ts";
import type { RequestPlan } from "./request_plan.ts";

export interface SentRequest {
  readonly plan: RequestPlan;
  readonly end: ClientEnd;
}

export async function send(url: string, plan: RequestPlan): Promise<SentRequest> {
  const { manner } = plan;
  const leave = new AbortController();
  const leaving = manner.type === "leaves"
    ? setTimeout(() => leave.abort(), manner.afterMs)
    : undefined;
  try {
    const response = await fetch(`${url}/v1/chat/completions`, requestOf(plan, leave.signal));
    const text = await readBody(response, { plan, leave });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    const end = isStream ? streamEnd(response.status, text) : wholeEnd(response.status, text);
    return { plan, end };
  } catch (error) {
    const end: ClientEnd = leave.signal.aborted
      ? { type: "left" }
      : { type: "broken", why: error instanceof Error ? error.message : String(error) };
    return { plan, end };
  } finally {
    clearTimeout(leaving);
  }
}

function requestOf(plan: RequestPlan, signal: AbortSignal): RequestInit {
  const { id, model, stream, key, route, deadlineMs } = plan;
  return {
    signal,
    method: "POST",
    headers: {
      "content-type": "application/json",
      "authorization": `Bearer ${KEYS[key]}`,
      "x-request-id": id,
    },
    body: JSON.stringify({
      model,
      user: id,
      messages: [{ role: "user", content: "Why is the sky blue?" }],
      ...(stream && { stream, stream_options: { include_usage: true } }),
      fusion: { ...(route && { route }), ...(deadlineMs && { deadline_ms: deadlineMs }) },
    }),
  };
}

async function readBody(
  response: Response,
  { plan: { manner }, leave }: { readonly plan: RequestPlan; readonly leave: AbortController },
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let reads = 0;
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    reads++;
    if (manner.type === "leaves_reading" && reads === manner.afterReads) {
      leave.abort();
      leave.signal.throwIfAborted();
    }
    if (manner.type === "reads_slowly") await pause(manner.pauseMs);
  }
  return text + decoder.decode();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
