/**
 * Conversation: the caller's messages as JSON text. Kept as it is, so that an upstream's prompt
 * cache keeps working; what a stage adds comes in front (a member's own system prompt) or last.
 * @module
 */
import type { Message } from "../openai/chat_request.ts";

interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export function conversationText(messages: readonly Message[]): string {
  return JSON.stringify(messages);
}

/** The conversation with turns after its last one. */
export function appendTurns(conversation: string, turns: readonly Turn[]): string {
  return `${conversation.slice(0, -1)},${JSON.stringify(turns).slice(1)}`;
}

/** The conversation with a system prompt before its first message. */
export function prependSystem(conversation: string, system: string): string {
  return `[${JSON.stringify({ role: "system", content: system })},${conversation.slice(1)}`;
}
