/**
 * Judge: an actor that reads the references and answers with an analysis that has passed its
 * schema. A reply that cannot be read is sent back once, with what is wrong with it.
 * @module
 */
import { Account } from "../src/fusion/account.ts";
import { analysisJsonSchema, parseAnalysis } from "../src/fusion/analysis.ts";
import { appendTurns } from "../src/fusion/conversation.ts";
import { repairPrompt } from "../src/fusion/prompts.ts";
import { usageOf } from "../src/fusion/usage.ts";
import { withoutThinking } from "../src/openai/thinking.ts";
import type { Call } from "../src/protocol/call.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type JudgeAnswer, judgeProtocol } from "../src/protocol/judge.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { serveAsWorker } from "../src/runtime/worker_scope.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";

export const judge = defineActor({
  protocol: judgeProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);

    return ({ call: plain, labels }, context): Promise<JudgeAnswer> => {
      const call = structured(plain);
      const account = new Account();
      const { onLesson } = account;

      async function attempt(call: Call) {
        const completion = await client.complete(call, { ...context, onLesson });
        account.spend(usageOf(completion.usage));
        const reply = withoutThinking(completion.choices[0]?.message.content ?? "");
        return { reply, parsed: parseAnalysis(reply, labels) };
      }

      return account.settle(async () => {
        const first = await attempt(call);
        if ("analysis" in first.parsed) {
          return { analysis: first.parsed.analysis, repaired: false };
        }
        const second = await attempt(repaired(call, first.reply, first.parsed.fault));
        if ("analysis" in second.parsed) {
          return { analysis: second.parsed.analysis, repaired: true };
        }
        // The upstream is well, and the model has had its second chance.
        throw new FailureError({ ...failureOf("malformed"), retryable: false });
      });
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

serveAsWorker(judge);
