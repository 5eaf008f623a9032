/**
 * Anonymity: removes an answer's naming of itself, so that a judge weighs what is said and not who
 * says it (identity bias: arXiv 2510.07517). Only names that the answer gives itself or its maker go;
 * names that belong to the subject stay, and an answer without self-naming stays the same string.
 *
 * Work is done only around names that are found, in windows of bounded size: linear in the text.
 * @module
 */
import { nameFinder, type NameMatch } from "./model_names.ts";
import { introduction, selfNaming } from "./self_naming.ts";

type Anonymizer = (text: string) => string;

/**
 * Removes self-naming from texts of one panel; `configured` are the panel's own model ids. Equal ids
 * get the same function: its pattern is large, and compiling it costs more than using it.
 */
export function anonymizer(configured: readonly string[]): Anonymizer {
  const key = configured.join("\n");
  const known = ANONYMIZERS.get(key);
  if (known) return known;
  const { find } = nameFinder(configured);
  const made: Anonymizer = (text) => withoutSelfNaming(withoutIntroduction(text), find);
  if (ANONYMIZERS.size >= MAX_ANONYMIZERS) ANONYMIZERS.clear();
  ANONYMIZERS.set(key, made);
  return made;
}

/** One for each profile, as a rule. */
const ANONYMIZERS = new Map<string, Anonymizer>();
const MAX_ANONYMIZERS = 64;

/** "Hi, I'm Buddy, your AI assistant": a name that no list knows, told by its place. */
function withoutIntroduction(text: string): string {
  const found = introduction(text);
  return found ? text.slice(0, found.start) + text.slice(found.end) : text;
}

/**
 * Names are taken in their order, each seen behind what the ones before have become: in "I'm Claude,
 * made by Anthropic" the second name is known by the first one's replacement.
 */
function withoutSelfNaming(text: string, find: (text: string) => NameMatch[]): string {
  const names = find(text);
  if (names.length === 0) return text;
  const inCode = codeSpans(text);
  const own = new Set<string>();
  const written: string[] = [];
  /** The end of what is written, still open to edits that reach back. */
  let tail = "";
  let at = 0;
  for (const name of names) {
    if (name.start < at || inCode(name.start)) continue;
    const spelling = text.slice(name.start, name.end);
    const edit = selfNaming({
      name,
      before: (tail + text.slice(Math.max(at, name.start - WINDOW), name.start)).slice(-WINDOW),
      after: text.slice(name.end, name.end + WINDOW),
      rest: text.length - name.end,
      own: own.has(spelling),
    });
    if (!edit) continue;
    if (edit.namesItself) own.add(spelling);
    const grown = tail + text.slice(at, name.start);
    const kept = grown.slice(0, grown.length - edit.back) + edit.put;
    written.push(kept.slice(0, -WINDOW));
    tail = kept.slice(-WINDOW);
    at = name.end + edit.forward;
  }
  return at === 0 ? text : written.join("") + tail + text.slice(at);
}

/** How far around a name is looked. */
const WINDOW = 200;

/** Whether a place, asked for in rising order, is in fenced code: code shows names, it does not speak. */
function codeSpans(text: string): (place: number) => boolean {
  let start = text.indexOf("```");
  let end = 0;
  return (place) => {
    while (start >= 0 && place >= start) {
      const close = text.indexOf("```", start + 3);
      end = close < 0 ? text.length : close + 3;
      start = close < 0 ? -1 : text.indexOf("```", end);
    }
    return place < end;
  };
}
