/**
 * Answer key: what a short or plainly concluded answer comes down to (a choice, a quantity, a name),
 * so that two answers that say the same count as the same. Texts that argue without concluding in
 * so many words have none.
 * @module
 */
import { unitNamed } from "./units.ts";

/**
 * A key that equal answers share: `choice:b`, `number:5`, `number:5000 m`, `yes`, or a folded name
 * (`sao paulo`). Null where the text comes down to nothing short. Reads the last 400 characters at most.
 */
export function answerKey(text: string): string | null {
  const stated = statedAnswer(text);
  if (stated === null) return null;
  const plain = stated.replace(FRACTION, "$1/$2").replace(MARKUP, " ").replace(/\s+/g, " ").trim();
  if (plain === "" || plain.length > MAX_ANSWER) return null;
  const choice = CHOICE.exec(plain);
  if (choice) return `choice:${(choice[1] ?? choice[2])!.toLowerCase()}`;
  const folded = fold(plain);
  const verdict = VERDICT.exec(folded);
  if (verdict) return verdict[0];
  return quantityKey(folded) ?? nameKey(folded);
}

const MAX_ANSWER = 120;
const TAIL = 400;

/** `**`, backticks, `$`-math and TeX's wrappers say nothing about the answer. */
const MARKUP = /[*_`#]|\\(?:text|mathrm|mathbf)|\\[()[\]]|[{}\\]/g;
const FRACTION = /\\[dt]?frac\{(\d{1,9})\}\{(\d{1,9})\}/g;
/** "B", "(b)", "B.", "B) Paris", "option C". A bare "A" or "I" followed by words is a sentence. */
const CHOICE =
  /^(?:(?:[Oo]ption|[Cc]hoice|[Aa]nswer) )?\(?([A-Ja-j])(?:\)(?: .{0,100})?|[.:](?: .{0,100})?)?$|^\(([A-Ja-j])\)/;
const VERDICT = /^(?:yes|no|true|false)\b/;

/** The part of the text that states the answer, or null. */
function statedAnswer(text: string): string | null {
  const tail = text.length > TAIL ? text.slice(-TAIL) : text;
  const boxed = tail.lastIndexOf("\\boxed{");
  if (boxed >= 0) return boxedText(tail, boxed + 7);
  const hashes = tail.lastIndexOf("#### ");
  if (hashes >= 0) return firstLine(tail.slice(hashes + 5));
  let marked: string | null = null;
  for (const match of tail.matchAll(MARKER)) {
    marked = firstLine(tail.slice(match.index + match[0].length));
  }
  if (marked !== null) return marked;
  if (text.length > MAX_ANSWER) return null;
  const whole = text.trim();
  return whole.includes("\n") ? null : copulaTail(whole);
}

/** "Answer: 5", "the final answer is 5"; not "the answer to this is long". */
const MARKER = /\banswer(?: is|\*{0,2}:\*{0,2})[ \t:*]{0,4}/gi;

function firstLine(text: string): string {
  const line = text.trimStart().split("\n", 1)[0]!;
  const end = /[.!?](?: |$)/.exec(line.length > 2 ? line : "");
  return end && end.index > 1 ? line.slice(0, end.index) : line;
}

function boxedText(text: string, from: number): string {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return text.slice(from, at);
  }
  return text.slice(from);
}

/** "The capital of France is Paris." comes down to "Paris"; a longer statement to itself. */
function copulaTail(sentence: string): string {
  const match = /^[^.!?,;:\n]{2,80} (?:is|are|was|were) ([^.!?,;:\n]{1,40})[.!]?$/.exec(sentence);
  const tail = match?.[1];
  return tail !== undefined && tail.split(" ").length <= 4 && !/^not\b/i.test(tail)
    ? tail
    : sentence;
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The only quantity of a short text, in base units. */
function quantityKey(folded: string): string | null {
  const words = folded.replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
  const found = [...words.matchAll(QUANTITY)];
  if (found.length !== 1 || words.split(" ").length > 12) return null;
  const [, currency, digits, divisor, unit] = found[0]!;
  const value = Number(digits!.replace("−", "-")) / Number(divisor ?? 1);
  const known = unitNamed(currency ?? unit ?? "");
  const base = value * (known?.factor ?? 1);
  if (!Number.isFinite(base)) return null;
  return known ? `number:${tidy(base)} ${known.base}` : `number:${tidy(base)}`;
}

/** Sign and currency in front, digits, a fraction's lower part, a unit behind. */
const QUANTITY =
  /([$€£¥])? ?((?<![\w.])[-−]?(?:\d{1,15}(?:\.\d{1,12})?|\.\d{1,12}))(?:\/(\d{1,9}))?(?: ?(%|°c|°f|[a-zµ²³]{1,12}))?/g;

/** Twelve significant digits: enough to tell answers apart, too few to show rounding. */
function tidy(value: number): string {
  return String(Number(value.toPrecision(12)));
}

function nameKey(folded: string): string | null {
  const name = folded
    .replace(/^(?:it is|it's|its|that is|the|an?) /, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  const number = NUMBER_WORDS.indexOf(name);
  if (number >= 0) return `number:${number}`;
  return name !== "" && name.split(" ").length <= 6 ? name : null;
}

const NUMBER_WORDS = `zero one two three four five six seven eight nine ten eleven twelve thirteen
  fourteen fifteen sixteen seventeen eighteen nineteen twenty`.split(/\s+/);
