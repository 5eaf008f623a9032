/**
 * Relay: an actor that passes a request through to an upstream, and its answer back, no faster than
 * it is read. It reads along to know what the answer costs and whether it is whole; it changes nothing.
 * @module
 */
import { estimateTokens } from "../src/fusion/tokens.ts";
import { NO_USAGE, usageOf } from "../src/fusion/usage.ts";
import type { Usage } from "../src/protocol/call.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type RelayAnswer, relayProtocol } from "../src/protocol/relay.ts";
import type { Spent } from "../src/protocol/upstreams.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { CreditWriter } from "../src/runtime/credit_stream.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";
import { RelayedAnswer } from "../src/upstream/relayed_answer.ts";

export const relay = defineActor({
  protocol: relayProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);
    return async ({ call }, context): Promise<RelayAnswer> => {
      const writer = new CreditWriter<string>(context.port!);
      const answer = new RelayedAnswer(() => context.clock.now());
      let accepted = false;
      const onText = async (text: string) => {
        accepted = true;
        if (!await writer.write([text])) throw new FailureError(failureOf("cancelled"));
      };
      const spent = (): Spent => ({
        usage: call.stream && accepted && answer.usage === undefined
          ? estimated(call.body, answer.text)
          : usageOf(answer.usage),
      });
      try {
        await client.relay(call, { ...context, answer, onText });
        return spent();
      } catch (error) {
        throw error instanceof FailureError ? new FailureError(error.failure, spent()) : error;
      } finally {
        writer.end();
      }
    };
  },
});

/** A stream reports its usage only where its client has asked for that, and has to be paid all the same. */
function estimated(body: string, text: string): Usage {
  return {
    ...NO_USAGE,
    promptTokens: estimateTokens(body),
    completionTokens: estimateTokens(text),
  };
}
