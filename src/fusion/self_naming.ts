/**
 * Self-naming: whether a name in a text is what the answer calls itself or its maker, told by the
 * words right around it, and what to put in its place.
 *
 * A self-reference ("I am", "as", "my developers") counts only where nothing but words about what an
 * assistant is stands between it and the name: "I'm an AI model by Google" speaks of itself, "I'm a
 * fan of Google" does not. In doubt the name stays: it then belongs to the subject.
 * @module
 */
import { type Edit, type Place, put, type Rule } from "./name_edit.ts";
import { easternSelfNaming } from "./self_naming_eastern.ts";
import { identity } from "./self_naming_identity.ts";
import { makers, owners, policy } from "./self_naming_makers.ts";
import { from, germanOrigin, origin } from "./self_naming_origin.ts";
import { announced, signed } from "./self_naming_signs.ts";
import { SENTENCE_START } from "./self_naming_words.ts";

/** The edit that removes a name where it is the answer's own; null where it belongs to the subject. */
export function selfNaming(place: Place): Edit | null {
  for (const rule of RULES) {
    const edit = rule(place);
    if (edit) return edit;
  }
  if (!place.own || /^ [A-Z]/.test(place.after)) return null;
  return put(SENTENCE_START.test(place.before) ? "This assistant" : "this assistant");
}

/**
 * Where an answer opens by introducing itself as an assistant under any name: the name's place
 * with the comma behind it.
 */
export function introduction(text: string): { start: number; end: number } | null {
  const match = INTRODUCTION.exec(text.slice(0, 160));
  if (!match) return null;
  const start = match.index + match[1]!.length;
  return { start, end: start + match[2]!.length };
}

const RULES: readonly Rule[] = [
  origin,
  from,
  identity,
  owners,
  makers,
  policy,
  announced,
  signed,
  germanOrigin,
  easternSelfNaming,
];

/** First words, a capitalized name, then what it is: "Hi! I'm Max, your AI assistant". */
const INTRODUCTION =
  /^((?:[^\n"“:]{0,80}?\b)?(?:I(?:['’]m| am| be)|[Mm]y name is|[Tt]his is|[Cc]all me) )([A-Z][\w-]{1,24}(?: [A-Z][\w.-]{0,16}){0,2}(?:, | [-–—] ))(?=(?:your|an?|the|thy) (?:[\w-]{1,20} ){0,3}?(?:AI|virtual|digital|language) ?(?:assistant|model|chatbot|companion|helper)?\b)/;
