/**
 * Judge: an actor that reads the references and answers with an analysis that has passed its
 * schema. A reply that cannot be read is sent back once, with what is wrong with it.
 * @module
 */
import { type Analysis, analysisJsonSchema, parseAnalysis } from "../src/fusion/analysis.ts";
import { appendTurns } from "../src/fusion/conversation.ts";
import { repairPrompt } from "../src/fusion/prompts.ts";
import { addUsage, usageOf } from "../src/fusion/usage.ts";
import type { Call, Usage } from "../src/protocol/call.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type JudgeAnswer, judgeProtocol } from "../src/protocol/judge.ts";
import type { Spent } from "../src/protocol/upstreams.ts";
import { type AskContext, defineActor } from "../src/runtime/actor.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";

export const judge = defineActor({
  protocol: judgeProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);

    async function attempt(call: Call, labels: readonly string[], context: AskContext) {
      const completion = await client.complete(call, context);
      const reply = completion.choices[0]?.message.content ?? "";
      return { reply, usage: usageOf(completion.usage), parsed: parseAnalysis(reply, labels) };
    }

    return async ({ call: plain, labels }, context): Promise<JudgeAnswer> => {
      const call = structured(plain);
      const first = await attempt(call, labels, context);
      if ("analysis" in first.parsed) return answer(first.parsed.analysis, first.usage, false);
      const second = await attempt(repaired(call, first.reply, first.parsed.fault), labels, context)
        .catch((error) => {
          throw withSpent(error, first.usage);
        });
      const usage = addUsage(first.usage, second.usage);
      if ("analysis" in second.parsed) return answer(second.parsed.analysis, usage, true);
      throw new FailureError(failureOf("malformed"), { usage } satisfies Spent);
    };
  },
});

/** Asks for the analysis as structured output, where the upstream has that. */
function structured(call: Call): Call {
  return {
    ...call,
    params: {
      ...call.params,
      response_format: { type: "json_schema", json_schema: analysisJsonSchema },
    },
    droppable: [...call.droppable, "response_format"],
  };
}

function answer(analysis: Analysis, usage: Usage, repaired: boolean): JudgeAnswer {
  return { analysis, usage, repaired };
}

/** Longest part of an unreadable reply that is sent back. */
const MAX_ECHO_CHARS = 8_000;

function repaired(call: Call, reply: string, fault: string): Call {
  return {
    ...call,
    messages: appendTurns(call.messages, [
      { role: "assistant", content: reply.slice(0, MAX_ECHO_CHARS) },
      { role: "user", content: repairPrompt(fault, analysisJsonSchema.schema) },
    ]),
  };
}

function withSpent(error: unknown, usage: Usage): unknown {
  return error instanceof FailureError
    ? new FailureError(error.failure, { usage } satisfies Spent)
    : error;
}
