/**
 * Synthesizer: an actor that makes the final call, the one whose answer the client gets: the fused
 * answer, or the only one on the single route. Streamed, it sends the upstream's own steps over the
 * ask's private port as they come, no faster than they are read.
 * @module
 */
import { Account } from "../src/fusion/account.ts";
import { readFormat } from "../src/openai/response_format.ts";
import { type SynthesisAnswer, synthesisProtocol } from "../src/protocol/synthesis.ts";
import { defineActor } from "../src/runtime/actor.ts";
import { CreditWriter } from "../src/runtime/credit_stream.ts";
import { UpstreamClient } from "../src/upstream/client.ts";
import type { FinalCall } from "../src/answer/final_call.ts";
import { type StreamedStep, streamingAnswer } from "../src/answer/streaming_answer.ts";
import { wholeAnswer } from "../src/answer/whole_answer.ts";

export const synthesizer = defineActor({
  protocol: synthesisProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);
    return ({ call, stream }, context): Promise<SynthesisAnswer> => {
      const account = new Account();
      const final = { client, call, account, context, format: readFormat(call.params) };
      const { port } = context;
      return account.settle(() => stream && port ? streamed(final, port) : wholeAnswer(final));
    };
  },
});

async function streamed(final: FinalCall, port: MessagePort) {
  const writer = new CreditWriter<StreamedStep>(port);
  try {
    return await streamingAnswer(final, (steps) => writer.write(steps));
  } finally {
    writer.end();
  }
}
