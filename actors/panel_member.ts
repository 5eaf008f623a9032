/**
 * Panel member: an actor that makes one call and answers with its text. It knows nothing of the
 * panel it serves in. An empty, null or refused answer is no answer.
 * @module
 */
import { Account } from "../src/fusion/account.ts";
import { usageOf } from "../src/fusion/usage.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type PanelAnswer, panelProtocol } from "../src/protocol/panel.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { serveAsWorker } from "../src/runtime/worker_scope.ts";
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
        const text = choice?.message.content ?? "";
        if (text.trim() === "" || choice?.message.refusal) {
          throw new FailureError(failureOf("empty"));
        }
        return { text, finishReason: choice?.finish_reason ?? null };
      });
    };
  },
});

serveAsWorker(panelMember);
