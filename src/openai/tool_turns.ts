/**
 * Tool turns: a conversation's tool traffic as plain text, for models that are given no tools: a
 * call becomes a line of the assistant's turn, results become one user turn. What comes out has
 * only system, user and assistant turns, none of them with calls.
 * @module
 */
import { type Message, messageText } from "./chat_request.ts";
import { callText, readToolCalls, type ToolCall } from "./tool_calls.ts";

/** Whether any turn calls a tool or brings a result. */
export function hasToolTurns(messages: readonly Message[]): boolean {
  return messages.some((message) =>
    message.role === "tool" || message.role === "function" ||
    (message.role === "assistant" && readToolCalls(message).length > 0)
  );
}

export function withoutToolTurns(messages: readonly Message[]): Message[] {
  const names = new Map<unknown, string>();
  const turns: Message[] = [];
  let results: string[] = [];
  for (const message of messages) {
    if (message.role === "tool" || message.role === "function") {
      const own = message["name"];
      const name = names.get(message["tool_call_id"]) ?? (typeof own === "string" ? own : "a tool");
      results.push(`[Result of ${name}]\n${messageText(message)}`);
      continue;
    }
    if (results.length > 0) turns.push({ role: "user", content: results.join("\n\n") });
    results = [];
    const calls = message.role === "assistant" ? readToolCalls(message) : [];
    for (const { id, name } of calls) if (id !== undefined) names.set(id, name);
    turns.push(calls.length === 0 ? message : withCallsAsText(message, calls));
  }
  if (results.length > 0) turns.push({ role: "user", content: results.join("\n\n") });
  return turns;
}

function withCallsAsText(message: Message, calls: readonly ToolCall[]): Message {
  const { tool_calls: _calls, function_call: _call, ...rest } = message;
  const lines = calls.map((call) => `[Called ${callText(call)}]`);
  return { ...rest, content: [messageText(message), ...lines].filter(Boolean).join("\n") };
}
