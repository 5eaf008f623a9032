/**
 * Conversation: the messages as the answering parts of the simulation read them.
 * @module
 */
import { type Message, messageText } from "../openai/chat_request.ts";

export interface ToolResult {
  /** The called tool's name, as the assistant's turn before gave it. */
  readonly name: string;
  readonly text: string;
}

export interface Conversation {
  /** System and developer turns. */
  readonly instructions: readonly string[];
  /** User turns before the last, oldest first. */
  readonly earlier: readonly string[];
  /** The last user turn. */
  readonly question: string;
  /** Parts of the last user turn that are no text. */
  readonly attachments: readonly string[];
  /** The `tool` turns that the conversation ends with. */
  readonly toolResults: readonly ToolResult[];
}

export function readConversation(messages: readonly Message[]): Conversation {
  const instructions: string[] = [];
  const questions: string[] = [];
  const toolNames = new Map<unknown, string>();
  let toolResults: ToolResult[] = [];
  let attachments: string[] = [];
  for (const message of messages) {
    if (message.role !== "tool") toolResults = [];
    switch (message.role) {
      case "system":
      case "developer":
        instructions.push(messageText(message));
        break;
      case "user":
        questions.push(messageText(message));
        attachments = Array.isArray(message.content)
          ? message.content.map((part) => part.type).filter((type) => type !== "text")
          : [];
        break;
      case "assistant":
        for (const call of toolCallsOf(message)) toolNames.set(call.id, call.function?.name ?? "");
        break;
      case "tool":
        toolResults.push({
          name: toolNames.get(message.tool_call_id) ?? "tool",
          text: messageText(message),
        });
        break;
      case "function":
        break;
      default:
        message.role satisfies never;
    }
  }
  return {
    instructions,
    earlier: questions.slice(0, -1),
    question: questions.at(-1) ?? "",
    attachments,
    toolResults,
  };
}

interface WrittenCall {
  readonly id?: string;
  readonly function?: { readonly name?: string };
}

/** The calls that an assistant's turn made. */
export function toolCallsOf(message: Message): readonly WrittenCall[] {
  return Array.isArray(message.tool_calls) ? message.tool_calls : [];
}
