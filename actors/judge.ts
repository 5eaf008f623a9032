/**
 * Judge: an actor that reads the references and answers with an analysis that has passed its schema,
 * or with the label of the best one. Where it reads them in two orders, it does so at once, and one
 * reading is enough. An analysis that cannot be read is sent back once, with what is wrong with it.
 * @module
 */
import { Account } from "../src/fusion/account.ts";
import {
  type Analysis,
  analysisJsonSchema,
  mergeAnalyses,
  parseAnalysis,
  relabel,
} from "../src/fusion/analysis.ts";
import { appendTurns } from "../src/fusion/conversation.ts";
import { parseChoice } from "../src/fusion/modes.ts";
import { repairPrompt } from "../src/fusion/prompts.ts";
import { usageOf } from "../src/fusion/usage.ts";
import { withoutThinking } from "../src/openai/thinking.ts";
import type { Call } from "../src/protocol/call.ts";
import { FailureError } from "../src/protocol/failure.ts";
import { type JudgeAnswer, type JudgeAsk, judgeProtocol } from "../src/protocol/judge.ts";
import { type AskContext, defineActor } from "../src/runtime/actor.ts";
import { failureOf } from "../src/upstream/classify.ts";
import { UpstreamClient } from "../src/upstream/client.ts";

/** Makes a call and gives the reply's text. */
type Says = (call: Call) => Promise<string>;

interface Reading {
  readonly messages: string;
  readonly labels: readonly string[];
  /** To the first reading's labels. */
  readonly toFirst: ReadonlyMap<string, string>;
}

export const judge = defineActor({
  protocol: judgeProtocol,
  open: (upstreams) => {
    const client = new UpstreamClient(upstreams);
    return (ask, context): Promise<JudgeAnswer> => {
      const account = new Account();
      const says = saying(client, account, context);
      switch (ask.task) {
        case "analyse":
          return account.settle(() => analysed(ask, says));
        case "select":
          return account.settle(() => selected(ask, says));
        default:
          return ask.task satisfies never;
      }
    };
  },
});

function saying(client: UpstreamClient, account: Account, context: AskContext): Says {
  return async (call) => {
    const completion = await client.complete(call, { ...context, onLesson: account.onLesson });
    account.spend(usageOf(completion.usage));
    return withoutThinking(completion.choices[0]?.message.content ?? "");
  };
}

async function analysed(ask: JudgeAsk, says: Says) {
  const call = structured(ask.call);
  const found = await each(readingsOf(ask), async ({ messages, labels, toFirst }) => {
    const { analysis, repaired } = await readAnalysis({ ...call, messages }, { labels, says });
    return { analysis: relabel(analysis, toFirst), repaired };
  });
  return {
    task: "analyse" as const,
    analysis: found.map(({ analysis }) => analysis).reduce(mergeAnalyses),
    repaired: found.some(({ repaired }) => repaired),
  };
}

async function readAnalysis(
  call: Call,
  { labels, says }: { labels: readonly string[]; says: Says },
): Promise<{ analysis: Analysis; repaired: boolean }> {
  const reply = await says(call);
  const first = parseAnalysis(reply, labels);
  if ("analysis" in first) return { ...first, repaired: false };
  const second = parseAnalysis(await says(repaired(call, reply, first.fault)), labels);
  if ("analysis" in second) return { ...second, repaired: true };
  throw unreadable();
}

async function selected(ask: JudgeAsk, says: Says) {
  const picks = await each(readingsOf(ask), async ({ messages, labels, toFirst }) => {
    const pick = parseChoice(await says({ ...ask.call, messages }), labels);
    if (pick === null) throw unreadable();
    return toFirst.get(pick)!;
  });
  return { task: "select" as const, picks };
}

function readingsOf({ call, labels, second }: JudgeAsk): readonly Reading[] {
  const same = new Map(labels.map((label) => [label, label]));
  const first = { messages: call.messages, labels, toFirst: same };
  if (!second) return [first];
  const toFirst = new Map(Object.entries(second.labels));
  return [first, { messages: second.messages, labels: [...toFirst.keys()], toFirst }];
}

/** What came of the readings, all at once, without those that failed; at least one. */
async function each<T>(
  readings: readonly Reading[],
  read: (reading: Reading) => Promise<T>,
): Promise<T[]> {
  const ended = await Promise.allSettled(readings.map(read));
  const found = ended.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
  const [failed] = ended.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  if (found.length === 0) throw failed;
  return found;
}

/** The upstream is well, and the model has had its chances. */
function unreadable(): FailureError {
  return new FailureError({ ...failureOf("malformed"), retryable: false });
}

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
