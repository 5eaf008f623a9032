/**
 * Terms: what a text speaks of, as small numbers that compare fast. One reading per text serves
 * agreement, completeness and share.
 *
 * A term is a word without its case and plural s; in scripts that write no spaces it is each pair of
 * neighbouring characters. Terms are hashes: two words collide once in billions, which moves a weight
 * by less than its own noise.
 * @module
 */

const FIRST_SIZE = 4_096;
const MOST_KEPT = 65_536;

/** The terms of a text in their order. Linear in the text's length. */
export function termsOf(text: string): Int32Array {
  const lower = text.toLowerCase();
  if (scratch.length < lower.length) scratch = new Int32Array(lower.length * 2);
  const terms = scratch;
  let count = 0;
  let hash = FNV_BASIS;
  let letters = 0;
  let last = 0;
  /** The character before this one where both belong to a script without spaces, else 0. */
  let unspaced = 0;
  let paired = false;
  for (let at = 0; at <= lower.length; at++) {
    const code = at < lower.length ? lower.charCodeAt(at) : 0;
    const kind = code < 128 ? ASCII_KIND[code]! : kindOf(code);
    if (kind === JOINS) continue;
    if (kind === LETTER) {
      hash = Math.imul(hash ^ code, FNV_PRIME);
      letters++;
      last = code;
    } else if (letters > 0) {
      // The plural's s was hashed last, so it is cheaper to undo than to look ahead for.
      if (last === LETTER_S && letters > 3) hash = Math.imul(hash, FNV_PRIME_INVERSE) ^ LETTER_S;
      terms[count++] = hash;
      hash = FNV_BASIS;
      letters = 0;
    }
    if (kind === UNSPACED) {
      if (unspaced !== 0) {
        terms[count++] = pairHash(unspaced, code);
        paired = true;
      } else {
        paired = false;
      }
      unspaced = code;
    } else if (unspaced !== 0) {
      // A character that stands alone is a term, too: a one-character answer must count.
      if (!paired) terms[count++] = pairHash(unspaced, 0);
      unspaced = 0;
      paired = false;
    }
  }
  const found = terms.slice(0, count);
  if (scratch.length > MOST_KEPT) scratch = new Int32Array(FIRST_SIZE);
  return found;
}

/** Where a text's terms are written before their number is known. */
let scratch = new Int32Array(FIRST_SIZE);

/** The hash that {@linkcode termsOf} gives a single word. */
export function termOf(word: string): number {
  return termsOf(word)[0] ?? 0;
}

/**
 * How much a term says of the subject: 1, or little for the words that every text has. Other
 * languages' shortest words are not told apart: they weigh 1 and agree a little too easily.
 */
export function termWeight(term: number): number {
  return FUNCTION_WORDS.has(term) ? FUNCTION_WORD_WEIGHT : 1;
}

const FUNCTION_WORD_WEIGHT = 0.25;

const FNV_BASIS = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** Inverse of FNV_PRIME modulo 2^32. */
const FNV_PRIME_INVERSE = 0x359c449b;
const LETTER_S = 0x73;

const OTHER = 0;
const LETTER = 1;
const UNSPACED = 2;
/** Stands inside a word and is not hashed: don't and dont are one term, l'eau is leau. */
const JOINS = 3;

const ASCII_KIND = Uint8Array.from({ length: 128 }, (_, code) => {
  const isLetter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  return isLetter ? LETTER : code === 0x27 ? JOINS : OTHER;
});

function kindOf(code: number): number {
  if (code === 0x2019) return JOINS;
  if (code < 0xc0 || (code >= 0x2000 && code < 0x2c00)) return OTHER;
  // Thai, Lao; Myanmar; Khmer; Kana and ideographs; compatibility ideographs. Planes above come as
  // surrogates, of which the pair is one term: right for ideographs, harmless for emoji.
  if (code >= 0x3000 && code <= 0x303f) return OTHER;
  if (code >= 0x3040 && code <= 0x9fff) return UNSPACED;
  if (code >= 0xd800 && code <= 0xdfff) return UNSPACED;
  if (code >= 0xf900 && code <= 0xfaff) return UNSPACED;
  if (code >= 0x0e00 && code <= 0x0eff) return UNSPACED;
  if ((code >= 0x1000 && code <= 0x109f) || (code >= 0x1780 && code <= 0x17ff)) return UNSPACED;
  // Fullwidth forms and their punctuation; private use; everything else is written in words.
  if (code >= 0xff00 && code <= 0xff0f) return OTHER;
  if (code >= 0xff1a && code <= 0xff20) return OTHER;
  if (code >= 0xe000 && code <= 0xf8ff) return OTHER;
  return LETTER;
}

function pairHash(first: number, second: number): number {
  return Math.imul(Math.imul(FNV_BASIS ^ first, FNV_PRIME) ^ second, FNV_PRIME) ^ 0x5bd1e995;
}

const FUNCTION_WORDS = new Set(
  `a an the and or but if of to in on at by for with from as is are was were be been being it its this
  that these those i you he she they we me my your his her their our us them do does did have has had
  can could will would should may might must not no so than then there here what which who when where
  how also more most some any all such into about up out over very just
  der die das und oder ist ein eine zu den dem des mit von im auf für nicht es sie er wir
  le la les un une et ou est de du des en à au aux que qui pour dans par sur ne pas ce il elle
  el los las una y o es por con para se lo como del al su más
  il lo gli uno di che è per non si da della os um uma e do da em no na com não
  het een en van te dat op и в на не что с по это как к у из за`
    .split(/\s+/).map(termOf),
);
