/**
 * Completion body: a reply as the JSON of one chat completion.
 * Source: OpenAI API reference, "The chat completion object".
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { CompleteOptions } from "./answer_format.ts";
import { logprobsOf } from "./logprobs.ts";
import type { Reply, ReplyChoice } from "./reply.ts";
import { splitPieces } from "./tokens.ts";

export const SYSTEM_FINGERPRINT = "simulated";

export function completionBody(reply: Reply, { request, usage }: CompleteOptions): string {
  return JSON.stringify({
    id: reply.id,
    object: "chat.completion",
    created: reply.created,
    model: reply.model,
    system_fingerprint: SYSTEM_FINGERPRINT,
    choices: reply.choices.map((choice, index) => ({
      index,
      message: messageOf(choice),
      logprobs: choice.content === null ? null : logprobsFor(choice.content, request),
      finish_reason: choice.finishReason,
    })),
    ...(usage ? { usage } : {}),
  });
}

function messageOf(choice: ReplyChoice) {
  return {
    role: "assistant",
    content: choice.content,
    refusal: null,
    ...(choice.reasoning ? { reasoning_content: choice.reasoning } : {}),
    ...(choice.toolCalls.length > 0
      ? {
        tool_calls: choice.toolCalls.map((call) => ({
          id: call.id,
          type: "function",
          function: { name: call.name, arguments: call.arguments },
        })),
      }
      : {}),
  };
}

const logprobsFor = (content: string, request: ChatRequest) =>
  request.logprobs === true ? logprobsOf(splitPieces(content), request) : null;
