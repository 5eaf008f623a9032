/**
 * Whole answer: the client's answer in one piece. One that lacks the form it was asked for is sent
 * back once with what is wrong with it.
 * @module
 */
import { withoutThinking } from "../openai/thinking.ts";
import {
  completeCall,
  type FinalCall,
  hasMoreThanText,
  originOf,
  textInFormat,
  type Written,
  type WrittenChoice,
} from "./final_call.ts";

export async function wholeAnswer(final: FinalCall): Promise<Written> {
  const { completion, choices } = await completeCall(final);
  const formed: WrittenChoice[] = [];
  for (const choice of choices) formed.push(await inFormat(choice, final));
  const text = withoutThinking(formed[0]?.message.content ?? "");
  return { choices: formed, text, ...originOf(completion) };
}

/** What was cut off or refused has no form to be checked. */
async function inFormat(choice: WrittenChoice, final: FinalCall): Promise<WrittenChoice> {
  const { message, finish_reason: reason } = choice;
  if (!final.format || hasMoreThanText(message) || reason !== "stop") return choice;
  const content = await textInFormat(message.content ?? "", final.format, final);
  return { ...choice, message: { ...message, content } };
}
