/**
 * Tokens: the simulation's own. Four characters are one token, and a stream is written in pieces of
 * about a word; both only need to be plausible, equal for equal text, and cheap.
 * @module
 */
import { type ChatRequest, messageText } from "../openai/chat_request.ts";

export const CHARS_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_PART = 256;

export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** Tokens of a conversation: its text, its other parts (an image is 256), three per message. */
export function countPromptTokens(messages: ChatRequest["messages"]): number {
  let tokens = 0;
  for (const message of messages) {
    tokens += TOKENS_PER_MESSAGE + countTokens(messageText(message));
    if (Array.isArray(message.content)) {
      tokens += TOKENS_PER_PART * message.content.filter((part) => part.type !== "text").length;
    }
    if (message.tool_calls) tokens += countTokens(JSON.stringify(message.tool_calls));
  }
  return tokens;
}

/** Splits a text into the pieces that a stream is written in; joined they are the text. */
export function splitPieces(text: string): string[] {
  return text.match(/\s*\S{1,24}|\s+/gu) ?? [];
}

/** The text without what `maxTokens` does not allow; no surrogate pair is split. */
export function cutToTokens(text: string, maxTokens: number): string {
  const cut = text.slice(0, maxTokens * CHARS_PER_TOKEN);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
