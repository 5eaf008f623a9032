/**
 * Relay: an actor that passes a request through to an upstream, and its answer back, no faster than
 * it is read. It reads along to know what the answer costs and whether it is whole; it changes nothing.
 * @module
 */
import { usageOf } from "../src/fusion/usage.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type RelayAnswer, relayProtocol } from "../src/protocol/relay.ts";
import type { Spent } from "../src/protocol/upstreams.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { CreditWriter } from "../src/runtime/credit_stream.ts";
import { serveAsWorker } from "../src/runtime/worker_scope.ts";
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
      const onText = async (text: string) => {
        if (!await writer.write([text])) throw new FailureError(failureOf("cancelled"));
      };
      try {
        await client.relay(call, { ...context, answer, onText });
      } catch (error) {
        if (!(error instanceof FailureError)) throw error;
        throw new FailureError(error.failure, { usage: usageOf(answer.usage) } satisfies Spent);
      } finally {
        writer.end();
      }
      return { usage: usageOf(answer.usage) };
    };
  },
});

serveAsWorker(relay);
