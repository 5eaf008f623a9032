/**
 * Streaming answer: the client's answer as its upstream writes it. Its form can be checked only at
 * the end, when all has been read: what lacks it then fails. But where the upstream is known not to
 * honour the form, the text is held back, checked, and mended once like a whole answer's.
 * @module
 */
import { checkAnswer } from "../fusion/answer_format.ts";
import { usageOf } from "../fusion/usage.ts";
import type { Chunk } from "../openai/chat_response.ts";
import type { ResponseFormat } from "../openai/response_format.ts";
import { StreamedAnswer } from "../openai/streamed_answer.ts";
import { withoutThinking } from "../openai/thinking.ts";
import { FailureError } from "../protocol/failure.ts";
import { failureOf } from "../upstream/classify.ts";
import {
  type FinalCall,
  formatError,
  originOf,
  textInFormat,
  TOOL_CALL_REPAIR,
  type Written,
} from "./final_call.ts";

type StreamedChoice = Chunk["choices"][number];

export interface StreamedStep {
  readonly choices: readonly StreamedChoice[];
}

/**
 * @param write takes steps as they come, before more is read; false where nobody reads them any more
 */
export async function streamingAnswer(
  final: FinalCall,
  write: (steps: readonly StreamedStep[]) => Promise<boolean>,
): Promise<Written> {
  const { client, call, account, context, format } = final;
  const answer = new StreamedAnswer(TOOL_CALL_REPAIR);
  let isHeld = false;
  let steps: StreamedStep[] = [];
  try {
    await client.stream(call, {
      ...context,
      onLesson: account.onLesson,
      onChunks: async (chunks) => {
        isHeld ||= !answer.said && format !== null && honoursNot(client.quirksOf(call), format);
        for (const chunk of chunks) {
          const mended = answer.add(chunk);
          const choices = isHeld ? withoutText(mended) : mended;
          if (choices.length > 0) steps.push({ choices });
        }
        // What comes before the first word is held until then, so that an answer without one can
        // still be replaced by another.
        if (!answer.said || steps.length === 0) return;
        const open = await write(steps);
        steps = [];
        if (!open) throw new FailureError(failureOf("cancelled"));
      },
    });
  } finally {
    account.spend(usageOf(answer.usage));
  }
  if (!answer.said) throw new FailureError(failureOf("empty"));
  if (isHeld) await write(await heldSteps(answer, final));
  else if (format) checkStreamed(answer, format);
  const text = withoutThinking(answer.choices.get(0)?.text ?? "");
  return { choices: [], text, ...originOf(answer.origin) };
}

function honoursNot(quirks: ReadonlySet<string>, { type }: ResponseFormat): boolean {
  return quirks.has("no_response_format") || quirks.has(`no_${type}`);
}

/** What the choices say beside their text: reasoning, tool calls. */
function withoutText(choices: readonly StreamedChoice[]): StreamedChoice[] {
  return choices.flatMap(({ index, delta }) => {
    const { content: _text, role: _role, ...rest } = delta ?? {};
    const says = Object.values(rest).some((value) => value !== null && value !== "");
    return says ? [{ ...(index === undefined ? {} : { index }), delta: rest }] : [];
  });
}

async function heldSteps(answer: StreamedAnswer, final: FinalCall): Promise<StreamedStep[]> {
  const steps: StreamedStep[] = [];
  for (const [index, { text, hasMore, finishReason }] of answer.choices) {
    const content = final.format && !hasMore && (finishReason ?? "stop") === "stop"
      ? await textInFormat(text, final.format, final)
      : text;
    steps.push({ choices: [{ index, delta: { content }, finish_reason: finishReason }] });
  }
  return steps;
}

function checkStreamed(answer: StreamedAnswer, format: ResponseFormat): void {
  for (const { text, hasMore, finishReason } of answer.choices.values()) {
    if (hasMore || (finishReason ?? "stop") !== "stop") continue;
    const checked = checkAnswer(text, format);
    if (checked.type === "fault") throw formatError(checked.message);
    if (checked.text !== text) throw formatError(NOT_BARE);
  }
}

const NOT_BARE =
  "The answer does not match the response_format's schema: there is text around its JSON";
