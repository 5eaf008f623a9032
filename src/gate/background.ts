/**
 * Background: recognises the requests that a chat front end makes for itself, by rules. They come to
 * the same model as a person's questions, four a message, and are not worth a panel.
 *
 * A rule is how the last user message begins, or the first system message. `*` stands for any text;
 * upper and lower case are the same, and so is all white space. Reading takes linear time.
 * @module
 */
import { type Message, messageText } from "../openai/chat_request.ts";

/** How far a message is read. */
const MAX_CHARS = 8_000;

export function isBackgroundTask(
  messages: readonly Message[],
  rules: readonly string[],
): boolean {
  const last = messages.at(-1);
  const system = messages.find(({ role }) => role === "system" || role === "developer");
  return [last?.role === "user" ? last : undefined, system].some((message) =>
    message !== undefined && begins(message, rules)
  );
}

function begins(message: Message, rules: readonly string[]): boolean {
  const text = plain(messageText(message).slice(0, MAX_CHARS));
  return text !== "" && piecesOf(rules).some((pieces) => matches(text, pieces));
}

/** The pieces between the stars of a rule, one after the other in the text; the first opens it. */
function matches(text: string, pieces: readonly string[]): boolean {
  let from = 0;
  for (const [index, piece] of pieces.entries()) {
    const at = text.indexOf(piece, from);
    if (at < 0 || (index === 0 && at > 0)) return false;
    from = at + piece.length;
  }
  return true;
}

const known = new WeakMap<readonly string[], readonly (readonly string[])[]>();

/** A profile's rules are the same at every request. */
function piecesOf(rules: readonly string[]): readonly (readonly string[])[] {
  const pieces = known.get(rules) ?? rules.map((rule) => rule.split("*").map(plain));
  known.set(rules, pieces);
  return pieces;
}

const plain = (text: string): string => text.replaceAll(/\s+/g, " ").trim().toLowerCase();
