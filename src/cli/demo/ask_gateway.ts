/**
 * Ask gateway: one streamed question to the gateway over HTTP, as any client would ask it: to the
 * gateway's own client of OpenAI-compatible servers, the gateway is one of them.
 * @module
 */
import { conversationText } from "../../fusion/conversation.ts";
import type { traceBody } from "../../observe/trace.ts";
import type { Chunk } from "../../openai/chat_response.ts";
import { systemClock } from "../../runtime/clock.ts";
import { UpstreamClient } from "../../upstream/client.ts";

/** The `fusion` object of an answer whose request asked for a trace. */
export type FusionTrace = ReturnType<typeof traceBody>;

export interface Question {
  readonly text: string;
  readonly model: string;
  /** Of the gateway, without `/v1`. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Called with each piece of the answer as it comes. */
  readonly onText: (text: string) => void;
}

const TIMEOUT_MS = 60_000;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** @throws FailureError when no answer comes, or none that is whole */
export async function askGateway(
  { text, model, url, signal, onText }: Question,
): Promise<FusionTrace> {
  const clock = systemClock();
  const client = new UpstreamClient({
    upstreams: [{ name: "gateway", baseUrl: `${url}/v1`, asClient: true }],
    maxBodyBytes: MAX_BODY_BYTES,
  });
  let trace: FusionTrace | undefined;
  const onChunk = ({ choices, fusion }: Chunk) => {
    for (const { delta } of choices) if (delta?.content) onText(delta.content);
    // Our own gateway wrote it: its type is known.
    if (fusion) trace = fusion as FusionTrace;
  };
  await client.stream({
    backend: "gateway",
    model,
    messages: conversationText([{ role: "user", content: text }]),
    params: { fusion: { trace: true } },
    droppable: [],
    timeoutAt: clock.now() + TIMEOUT_MS,
  }, { signal, clock, onChunks: (chunks) => Promise.resolve(chunks.forEach(onChunk)) });
  if (!trace) throw new Error("The answer came without its trace");
  return trace;
}
