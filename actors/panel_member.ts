/**
 * Panel member: an actor that makes one call and answers with its text. It knows nothing of the
 * panel it serves in. An empty, null or refused answer is no answer.
 * @module
 */
import { usageOf } from "../src/fusion/usage.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type PanelAnswer, panelProtocol } from "../src/protocol/panel.ts";
import type { Spent } from "../src/protocol/upstreams.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";

export const panelMember = defineActor({
  protocol: panelProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);
    return async ({ call }, context): Promise<PanelAnswer> => {
      const completion = await client.complete(call, context);
      const usage = usageOf(completion.usage);
      const [choice] = completion.choices;
      const text = choice?.message.content ?? "";
      if (text.trim() === "" || choice?.message.refusal) {
        throw new FailureError(failureOf("empty"), { usage } satisfies Spent);
      }
      return { text, finishReason: choice?.finish_reason ?? null, usage };
    };
  },
});
