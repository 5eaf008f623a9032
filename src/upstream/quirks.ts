/**
 * Quirks: what a strict upstream does not take, learned from its refusal and remembered for its
 * model. A parameter is left out only where the call says that it may be: one that the caller asked
 * for is never dropped in silence.
 * @module
 */
import type { ErrorObject } from "./error_object.ts";

/** Parameters that are not sent, and those sent under another name. */
export interface Quirks {
  readonly drop: ReadonlySet<string>;
  readonly rename: ReadonlyMap<string, string>;
}

export type Lesson = { readonly drop: string } | { readonly rename: readonly [string, string] };

export const NO_QUIRKS: Quirks = { drop: new Set(), rename: new Map() };

type Params = Readonly<Record<string, unknown>>;

/** The parameters as the model takes them; of those to drop, only what is `droppable` goes. */
export function applyQuirks(
  params: Params,
  { drop, rename }: Quirks,
  droppable: ReadonlySet<string>,
): Record<string, unknown> {
  const kept = Object.entries(params).filter(([name]) => !drop.has(name) || !droppable.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [rename.get(name) ?? name, value]));
}

/** Names that some upstreams have for the same thing and others do not know. */
const SYNONYMS: readonly (readonly [string, string])[] = [
  ["max_tokens", "max_completion_tokens"],
  ["max_completion_tokens", "max_tokens"],
];

/** What a refusal of `params`, sent with these quirks, teaches; null when it teaches nothing. */
export function learn(
  { param, message }: ErrorObject,
  quirks: Quirks,
  { params, droppable }: { readonly params: Params; readonly droppable: ReadonlySet<string> },
): Lesson | null {
  const refused = (name: string) =>
    param === name || param?.startsWith(`${name}.`) ||
    (REFUSAL.test(message) && mentions(message, name));
  for (const [from, to] of SYNONYMS) {
    if (!(from in params) || to in params || quirks.rename.has(from) || !refused(from)) continue;
    if (mentions(message, to) || UNKNOWN_FIELD.test(message)) return { rename: [from, to] };
  }
  for (const name of Object.keys(params)) {
    if (droppable.has(name) && !quirks.drop.has(name) && refused(name)) return { drop: name };
  }
  return null;
}

export function withLesson({ drop, rename }: Quirks, lesson: Lesson): Quirks {
  return "drop" in lesson
    ? { drop: new Set(drop).add(lesson.drop), rename }
    : { drop, rename: new Map(rename).set(...lesson.rename) };
}

/** Wordings of a field that is not known at all: OpenAI, Azure, Groq, Fireworks, Mistral, vLLM. */
const UNKNOWN_FIELD =
  /unsupported param|unknown|unrecogni[sz]ed|unexpected|is unsupported|not supported|extra (?:inputs|fields)/i;

/** Wordings of a value or field that is not taken; besides those above DeepSeek, Kimi, LM Studio. */
const REFUSAL = new RegExp(
  `${UNKNOWN_FIELD.source}|unsupported|n[o']t support|unavailable|invalid|must be|cannot|deprecated|not (?:permitted|allowed|available)|only the default`,
  "i",
);

/** Whether the parameter is named, as `max_tokens` or as `maxTokens`, and not as part of a word. */
function mentions(message: string, name: string): boolean {
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`(?<![a-z_])(?:${name}|${camel})(?![a-z_])`, "i").test(message);
}
