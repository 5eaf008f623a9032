/**
 * Sentences: plain text comparison, as far as the simulated judge and synthesizer need it. Pure, and
 * linear in the text.
 * @module
 */

/** The sentences and list items of a text, without bullets and blank lines. */
export function splitSentences(text: string): string[] {
  return text
    .split(/\n+/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d{1,3}[.)])\s+/, ""))
    .flatMap((line) => line.split(/(?<=[.!?])\s+(?=\S)/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\d]/u.test(sentence));
}

/** The words that carry a sentence's meaning, lower-cased and cut to their stems. */
export function contentWords(sentence: string): Set<string> {
  const words = sentence.toLowerCase().match(/\d[\d,.]*\d|[\p{L}\d]+/gu) ?? [];
  return new Set(words.filter((word) => !stopWords.has(word)).map(stem));
}

/** The words of a sentence, as it spells them, that are among some content words; or are not. */
export function wordsIn(
  sentence: string,
  words: ReadonlySet<string>,
  wanted: "shared" | "missing",
): string[] {
  return (sentence.match(/\d[\d,.]*\d|[\p{L}\d]+/gu) ?? []).filter((word) => {
    const [stemmed] = contentWords(word);
    return stemmed !== undefined && words.has(stemmed) === (wanted === "shared");
  });
}

/** How much two sets of words share: 0 to 1. (Dice's coefficient.) */
export function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return 2 * shared / (a.size + b.size);
}

/**
 * Whether two sentences of like words say different things: one denies, they hold different numbers,
 * name different things, or one has the opposite of the other's word.
 */
export function conflict(a: string, b: string): boolean {
  return denies(a) !== denies(b) || numbersDiffer(a, b) || namesDiffer(a, b) || opposed(a, b);
}

const denies = (sentence: string): boolean =>
  /\b(not|no|never|nothing|cannot|isn't|doesn't|don't)\b/i.test(sentence);

const numbersDiffer = (a: string, b: string): boolean => bothMiss(numbersOf(a), numbersOf(b));

const numbersOf = (sentence: string): Set<string> =>
  new Set(sentence.match(/\d[\d,.]*\d|\d/g)?.map((number) => number.replaceAll(",", "")));

const namesDiffer = (a: string, b: string): boolean =>
  namesWhatIsNotIn(a, b) && namesWhatIsNotIn(b, a);

/** Whether a sentence has a capitalised word, of some meaning, that the other has in no spelling. */
function namesWhatIsNotIn(sentence: string, other: string): boolean {
  const said = new Set(other.toLowerCase().match(/\p{L}+/gu));
  const names = sentence.match(/\p{Lu}\p{L}+/gu)?.map((name) => name.toLowerCase()) ?? [];
  return names.some((name) => !stopWords.has(name) && !said.has(name));
}

/** Whether either set is not empty and holds what the other has not, both ways round. */
function bothMiss(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size > 0 && b.size > 0 && !a.isSubsetOf(b) && !b.isSubsetOf(a);
}

function opposed(a: string, b: string): boolean {
  const left = new Set(a.toLowerCase().match(/\p{L}+/gu));
  const right = new Set(b.toLowerCase().match(/\p{L}+/gu));
  return opposites.some(([one, other]) =>
    (left.has(one) && right.has(other) && !left.has(other)) ||
    (left.has(other) && right.has(one) && !right.has(other))
  );
}

const opposites: readonly (readonly [string, string])[] = [
  ["above", "below"],
  ["higher", "lower"],
  ["more", "less"],
  ["faster", "slower"],
  ["always", "never"],
  ["before", "after"],
  ["increases", "decreases"],
  ["first", "second"],
];

const stem = (word: string): string =>
  word.length > 4 ? word.replace(/(?:ing|ed|es|s)$/, "") : word;

const stopWords = new Set(
  "a an the of to in on at by for from with without and or but so as if than then that this these those it its is are was were be been has have had do does did will would can could should may might must not no nor also even while because since although there here which who whose what when where why how any all some one ones into up out over about most more much very our your their his her we you they he she i"
    .split(" "),
);
