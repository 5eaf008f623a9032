/**
 * Panel member: an actor that makes one call and answers with its text. It knows nothing of the
 * panel it serves in. An empty, null or refused answer is no answer; a call of a tool is one.
 * @module
 */
import { Account } from "../src/fusion/account.ts";
import { usageOf } from "../src/fusion/usage.ts";
import { withoutThinking } from "../src/openai/thinking.ts";
import { callText, offeredTools, readToolCalls, type ToolCall } from "../src/openai/tool_calls.ts";
import type { Call } from "../src/protocol/call.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type PanelAnswer, panelProtocol } from "../src/protocol/panel.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";

export const panelMember = defineActor({
  protocol: panelProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);
    return ({ call }, context): Promise<PanelAnswer> => {
      const account = new Account();
      return account.settle(async () => {
        const { onLesson } = account;
        const completion = await client.complete(call, { ...context, onLesson });
        account.spend(usageOf(completion.usage));
        const [choice] = completion.choices;
        if (!choice || choice.message.refusal) throw new FailureError(failureOf("empty"));
        const calls = offeredCalls(call, choice.message);
        const said = withoutThinking(choice.message.content ?? "");
        const text = [said, ...calls.map((each) => `Tool call: ${callText(each)}`)]
          .filter((part) => part.trim() !== "").join("\n");
        if (text === "") throw new FailureError(failureOf("empty"));
        return {
          text,
          finishReason: choice.finish_reason ?? null,
          ...(calls.length > 0 ? { calls } : {}),
        };
      });
    };
  },
});

/** A call of what was not offered is a slip of the model's, not an answer. */
function offeredCalls({ params }: Call, message: Readonly<Record<string, unknown>>): ToolCall[] {
  const offered = offeredTools(params);
  return readToolCalls(message).filter(({ name }) => offered.has(name));
}
