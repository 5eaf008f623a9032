/**
 * Synthesizer: an actor that makes the final call, the one whose answer the client gets: the fused
 * answer, or the only one on the single route. Streamed, it sends the upstream's own steps over the
 * ask's private port as they come, no faster than they are read.
 * @module
 */
import type { Delta } from "../src/fusion/outcome.ts";
import { NO_USAGE, usageOf } from "../src/fusion/usage.ts";
import type { Chunk } from "../src/openai/chat_response.ts";
import type { Call } from "../src/protocol/call.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type SynthesisAnswer, synthesisProtocol } from "../src/protocol/synthesis.ts";
import type { Spent } from "../src/protocol/upstreams.ts";
import { type AskContext, defineActor } from "../src/runtime/actor.ts";
import { CreditWriter } from "../src/runtime/credit_stream.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";

export const synthesizer = defineActor({
  protocol: synthesisProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);
    return ({ call, stream }, context) =>
      stream && context.port
        ? streamed(client, call, context, new CreditWriter<Delta>(context.port))
        : whole(client, call, context);
  },
});

async function whole(
  client: UpstreamClient,
  call: Call,
  context: AskContext,
): Promise<SynthesisAnswer> {
  const completion = await client.complete(call, context);
  const usage = usageOf(completion.usage);
  const choices = completion.choices.map((choice, at) => ({
    ...choice,
    index: choice.index ?? at,
    finish_reason: choice.finish_reason ?? "stop",
  }));
  const says = ({ content, tool_calls, refusal }: typeof choices[number]["message"]) =>
    (content ?? "").trim() !== "" || (tool_calls?.length ?? 0) > 0 || Boolean(refusal);
  if (!choices.some(({ message }) => says(message))) {
    throw new FailureError(failureOf("empty"), { usage } satisfies Spent);
  }
  return {
    choices,
    text: choices[0]?.message.content ?? "",
    usage,
    ...origin(completion),
  };
}

async function streamed(
  client: UpstreamClient,
  call: Call,
  context: AskContext,
  writer: CreditWriter<Delta>,
): Promise<SynthesisAnswer> {
  let text = "";
  let said = false;
  let usage = NO_USAGE;
  let from: Pick<SynthesisAnswer, "systemFingerprint" | "serviceTier"> = {};
  let deltas: Delta[] = [];
  try {
    await client.stream(call, {
      ...context,
      onChunks: async (chunks) => {
        for (const chunk of chunks) {
          if (chunk.usage) usage = usageOf(chunk.usage);
          from = { ...from, ...origin(chunk) };
          if (chunk.choices.length === 0) continue;
          const first = chunk.choices.find((choice) => (choice.index ?? 0) === 0);
          text += first?.delta?.content ?? "";
          said ||= chunk.choices.some(says);
          deltas.push({ choices: chunk.choices });
        }
        // What comes before the first word is held until then, so that an answer without one can
        // still be replaced by another.
        if (!said || deltas.length === 0) return;
        const open = await writer.write(deltas);
        deltas = [];
        if (!open) throw new FailureError(failureOf("cancelled"));
      },
    });
    if (!said) throw new FailureError(failureOf("empty"));
  } catch (error) {
    throw error instanceof FailureError
      ? new FailureError(error.failure, { usage } satisfies Spent)
      : error;
  } finally {
    writer.end();
  }
  return { choices: [], text, usage, ...from };
}

function says({ delta }: Chunk["choices"][number]): boolean {
  if (!delta) return false;
  const { role: _role, ...rest } = delta;
  return Object.values(rest).some((value) =>
    Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined && value !== ""
  );
}

function origin({ system_fingerprint, service_tier }: {
  system_fingerprint?: string | null;
  service_tier?: string | null;
}): Pick<SynthesisAnswer, "systemFingerprint" | "serviceTier"> {
  return {
    ...(system_fingerprint ? { systemFingerprint: system_fingerprint } : {}),
    ...(service_tier ? { serviceTier: service_tier } : {}),
  };
}
