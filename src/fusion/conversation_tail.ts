/**
 * Conversation tail: the end of a conversation as plain text, for a classifier that must see what the
 * last message refers to and must not cost what the whole conversation costs.
 * @module
 */
import { type Message, messageText } from "../openai/chat_request.ts";
import { shortened } from "./shorten.ts";
import { tokenCost } from "./tokens.ts";

/**
 * The last messages, each behind its role, within `maxTokens` (estimated). The last one gets at least
 * half of them, the earlier what is left; system messages and tool output are left out.
 */
export function conversationTail(messages: readonly Message[], maxTokens: number): string {
  const said = messages.filter(({ role }) => role === "user" || role === "assistant");
  const lines: string[] = [];
  let left = maxTokens;
  for (let at = said.length - 1; at >= 0 && left > SHORTEST_PART; at--) {
    const { role } = said[at]!;
    const text = messageText(said[at]!).trim();
    if (text === "") continue;
    const room = lines.length === 0 ? left : Math.min(left, maxTokens / 4);
    const cost = tokenCost(text);
    const line = cost > room ? shortened(text, { tokens: room, chars: text.length }) : text;
    lines.unshift(`${role}: ${line}`);
    left -= Math.min(cost, room) + 3;
  }
  return lines.join("\n\n");
}

const SHORTEST_PART = 24;
