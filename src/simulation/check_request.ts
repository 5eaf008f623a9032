/**
 * Check request: the rules that every chat request must keep, whatever the model takes, as a strict
 * server would check them.
 * @module
 */
import { type ChatRequest, chatRequestSchema } from "../openai/chat_request.ts";
import type { ErrorBody } from "../openai/error_body.ts";
import { toolCallsOf } from "./conversation.ts";
import { invalidRequest } from "./refusal.ts";

export function checkChatRequest(
  body: unknown,
): { request: ChatRequest } | { error: ErrorBody["error"] } {
  const parsed = chatRequestSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const param = paramOf(issue?.path ?? []);
    return { error: invalidRequest(`Invalid '${param}': ${issue?.message}.`, { param }) };
  }
  const request = parsed.data;
  if (request.stream_options && request.stream !== true) {
    return {
      error: invalidRequest(
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        { param: "stream_options" },
      ),
    };
  }
  const error = checkToolTurns(request);
  return error ? { error } : { request };
}

/** Every call has its result right after it, and every result its call right before. */
function checkToolTurns({ messages }: ChatRequest): ErrorBody["error"] | null {
  let open = new Set<unknown>();
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) {
        return invalidRequest(
          "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
          { param: `messages.[${at}].role` },
        );
      }
      continue;
    }
    if (open.size > 0) break;
    open = new Set(toolCallsOf(message).map((call) => call.id));
  }
  if (open.size === 0) return null;
  return invalidRequest(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
    { param: "messages" },
  );
}

const paramOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("").slice(1);
