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
import { termsOf } from "./terms.ts";

export interface Shares {
  /** By slot, 0 to 1. */
  readonly shares: ReadonlyMap<number, number>;
  /** The largest share; null where there is nothing to measure. */
  readonly dominant: number | null;
  /** The references say the same, so that a high share is no fault. */
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
  references: readonly { readonly slot: number; readonly text: string }[],
): Shares {
  const final = termsOf(finalText);
  const sources = references.map((reference) => sourceOf(termsOf(reference.text)));
  if (final.length === 0 || references.length === 0) {
    return { shares: new Map(), dominant: null, unanimous: false, words: final.length };
  }
  const runs = sources.map((source) => runLengths(final, source));
  const credit = new Float64Array(references.length);
  for (let at = 0; at < final.length; at++) {
    let longest = 0;
    let holders = 0;
    for (const run of runs) {
      if (run[at]! > longest) [longest, holders] = [run[at]!, 1];
      else if (run[at] === longest) holders++;
    }
    if (longest === 0) continue;
    runs.forEach((run, source) => {
      if (run[at] === longest) credit[source]! += 1 / holders;
    });
  }
  const shares = new Map(
    references.map(({ slot }, source) => [slot, credit[source]! / final.length]),
  );
  return {
    shares,
    dominant: Math.max(...shares.values()),
    unanimous: sameKey(references) || areUnanimous(sources),
    words: final.length,
  };
}

/** Words in a phrase: shorter ones are everybody's, longer ones miss a source with a word changed. */
const PHRASE = 3;
/** Shorter runs are common turns of phrase. */
const SHORTEST_RUN = 3;
/** References that cover each other this far say the same in the same words. */
const UNANIMOUS_COVER = 0.7;

const MAX_PLACES = 8;

interface Source {
  readonly terms: Int32Array;
  readonly places: ReadonlyMap<number, readonly number[]>;
}

function sourceOf(terms: Int32Array): Source {
  return { terms, places: placesOf(terms) };
}

/** Where each phrase of a source stands: its last few places are enough to find the longest run. */
function placesOf(terms: Int32Array): Map<number, number[]> {
  const places = new Map<number, number[]>();
  const length = Math.min(PHRASE, terms.length);
  for (let at = 0; at + length <= terms.length; at++) {
    const phrase = phraseAt(terms, at, length);
    const known = places.get(phrase);
    if (known === undefined) places.set(phrase, [at]);
    else if (known.length < MAX_PLACES) known.push(at);
  }
  return places;
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
    for (const place of source.places.get(phraseAt(terms, at, length)) ?? []) {
      let run = 0;
      while (
        at + run < terms.length && place + run < source.terms.length &&
        terms[at + run] === source.terms[place + run]
      ) run++;
      longest = Math.max(longest, run);
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
    const covered = runLengths(source.terms, other).filter((run) => run > 0).length;
    return covered >= source.terms.length * UNANIMOUS_COVER;
  });
}
