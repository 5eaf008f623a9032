/**
 * Share: how much of the final answer each reference covers, word by word. A word of the answer belongs
 * to the reference that has the longest run of the same words around it; references that tie share
 * it, so that what all of them say makes none of them dominant.
 *
 * Comes in: the final text and the references as the synthesizer saw them. Goes out: shares that sum to
 * 1 at most. A paraphrase is not covered: the figure is a lower bound.
 * @module
 */
import { answerKey } from "./answer_key.ts";
import { DenseIds } from "./dense_ids.ts";
import type { PreparedReference } from "./references.ts";
import { termsOf } from "./terms.ts";

export interface Shares {
  /** By slot, 0 to 1. */
  readonly shares: ReadonlyMap<number, number>;
  /** The largest share; null where there is nothing to measure. */
  readonly dominant: number | null;
  /** The references say the same, so that a high share is no fault. Looked at from a share of 0.5 on. */
  readonly unanimous: boolean;
  /** Words of the final text. */
  readonly words: number;
}

/**
 * The slot whose share is above `maxShare`, where that is a fault: there was a choice of sources, they
 * did not agree, and the answer is long enough to have been put together. Null otherwise.
 */
export function dominantSource(measured: Shares, maxShare: number): number | null {
  const { shares, unanimous, words } = measured;
  if (unanimous || shares.size < 2 || words < SHORTEST_MIX) return null;
  for (const [slot, share] of shares) if (share > maxShare) return slot;
  return null;
}

/** A sentence or two have one source in any good answer. */
const SHORTEST_MIX = 40;

/** Measures how much of `finalText` each reference covers. */
export function measureShares(
  finalText: string,
  references: readonly Pick<PreparedReference, "slot" | "text" | "terms">[],
): Shares {
  const final = termsOf(finalText);
  const sources = references.map(({ text, terms }) => sourceOf(terms ?? termsOf(text)));
  if (final.length === 0 || references.length === 0) {
    return { shares: new Map(), dominant: null, unanimous: false, words: final.length };
  }
  const runs = sources.map((source) => runLengths(final, source));
  const credit = creditsOf(runs, copiesAmong(runs, sources));
  const shares = new Map(
    references.map(({ slot }, source) => [slot, credit[source]! / final.length]),
  );
  const dominant = Math.max(...shares.values());
  const isAsked = dominant >= UNANIMITY_ASKED_FROM;
  return {
    shares,
    dominant,
    unanimous: isAsked && (sameKey(references) || areUnanimous(sources)),
    words: final.length,
  };
}

/** By source: how many words are its own, counted in parts where sources tie. */
function creditsOf(runs: readonly Int32Array[], isCopy: readonly boolean[]): Float64Array {
  const credit = new Float64Array(runs.length);
  const words = runs[0]?.length ?? 0;
  for (let at = 0; at < words; at++) {
    let longest = 0;
    for (const run of runs) longest = Math.max(longest, run[at]!);
    if (longest === 0) continue;
    let holders = 0;
    let copies = 0;
    for (let source = 0; source < runs.length; source++) {
      if (runs[source]![at] !== longest) continue;
      holders++;
      if (isCopy[source]) copies++;
    }
    const parts = copies > 0 ? copies : holders;
    for (let source = 0; source < runs.length; source++) {
      const holds = runs[source]![at] === longest && (copies === 0 || isCopy[source]);
      if (holds) credit[source]! += 1 / parts;
    }
  }
  return credit;
}

const UNANIMITY_ASKED_FROM = 0.5;
/** Words in a phrase: shorter ones are everybody's, longer ones miss a source with a word changed. */
const PHRASE = 3;
/** Shorter runs are common turns of phrase. */
const SHORTEST_RUN = 3;
/** References that cover each other this far say the same in the same words. */
const UNANIMOUS_COVER = 0.7;

/** A phrase that stands more often than this in a source is looked up in its last places only. */
const MAX_PLACES = 8;

/**
 * The sources that the whole text is a copy of: each covers nearly all of it, and of these they are
 * used up most. A source that merely contains a shorter one's text is not what was copied.
 */
function copiesAmong(runs: readonly Int32Array[], sources: readonly Source[]): boolean[] {
  const covered = runs.map(coveredWords);
  const used = covered.map((words, source) =>
    words >= runs[source]!.length * COPY_COVER ? words / sources[source]!.terms.length : 0
  );
  const most = Math.max(...used);
  return used.map((part) => part > 0 && part >= most - 0.1);
}
const COPY_COVER = 0.95;

/** A source's words and, for each phrase, a chain of the places that it stands at. */
interface Source {
  readonly terms: Int32Array;
  readonly phrases: DenseIds;
  /** By phrase: its last place. */
  readonly last: Int32Array;
  /** By place: the place before it where the same phrase stands, or -1. */
  readonly previous: Int32Array;
}

function sourceOf(terms: Int32Array): Source {
  const phrases = new DenseIds(terms.length);
  const last = new Int32Array(terms.length).fill(-1);
  const previous = new Int32Array(terms.length);
  const length = Math.min(PHRASE, terms.length);
  for (let at = 0; at + length <= terms.length; at++) {
    const phrase = phrases.idOf(phraseAt(terms, at, length));
    previous[at] = last[phrase]!;
    last[phrase] = at;
  }
  return { terms, phrases, last, previous };
}

function phraseAt(terms: Int32Array, at: number, length: number): number {
  let hash = 17;
  for (let next = at; next < at + length; next++) {
    hash = (Math.imul(hash, 0x01000193) ^ terms[next]!) | 0;
    hash ^= hash >>> 13;
  }
  return hash;
}

/** For each word, the length of the longest run of words in `source` that it stands in; 0 for none. */
function runLengths(terms: Int32Array, source: Source): Int32Array {
  const runs = new Int32Array(terms.length);
  const length = Math.min(PHRASE, terms.length, source.terms.length);
  const shortest = Math.min(SHORTEST_RUN, terms.length, source.terms.length);
  for (let at = 0; at + length <= terms.length;) {
    let longest = 0;
    const phrase = source.phrases.find(phraseAt(terms, at, length));
    let place = phrase < 0 ? -1 : source.last[phrase]!;
    for (let tried = 0; place >= 0 && tried < MAX_PLACES; tried++) {
      let run = 0;
      while (
        at + run < terms.length && place + run < source.terms.length &&
        terms[at + run] === source.terms[place + run]
      ) run++;
      longest = Math.max(longest, run);
      place = source.previous[place]!;
    }
    if (longest < shortest) {
      at++;
      continue;
    }
    for (let word = at; word < at + longest; word++) runs[word] = Math.max(runs[word]!, longest);
    at += Math.max(1, longest - length + 1);
  }
  return runs;
}

/** Whether all come down to the same short answer. */
function sameKey(references: readonly { readonly text: string }[]): boolean {
  const [first, ...rest] = references.map(({ text }) => answerKey(text));
  if (first === undefined || first === null) return false;
  return rest.length > 0 && rest.every((key) => key === first);
}

/** Whether each reference is for the most part covered by another. */
function areUnanimous(sources: readonly Source[]): boolean {
  if (sources.length < 2) return false;
  return sources.every((source, at) => {
    const other = sources[at === 0 ? 1 : 0]!;
    const covered = coveredWords(runLengths(source.terms, other));
    return covered >= source.terms.length * UNANIMOUS_COVER;
  });
}

/** How many words stand in a run. */
function coveredWords(runs: Int32Array): number {
  let words = 0;
  for (const length of runs) if (length > 0) words++;
  return words;
}
