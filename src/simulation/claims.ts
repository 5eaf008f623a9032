/**
 * Claims: what several references say, brought together: sentences that say the same become one claim
 * with several voices, and claims that speak of the same thing but differ are set against each other.
 * @module
 */
import { conflict, contentWords, overlap, splitSentences } from "./sentences.ts";
import type { Reference } from "./stage.ts";

export interface Voice {
  readonly label: string;
  readonly sentence: string;
  /** The sentence's place in its reference. */
  readonly at: number;
}

export interface Claim {
  readonly words: ReadonlySet<string>;
  /** One per reference at most; the first is the claim's own wording. */
  readonly voices: readonly [Voice, ...Voice[]];
}

/** Claims by number of voices, then in the order in which they were met. */
export function gatherClaims(references: readonly Reference[]): Claim[] {
  const claims: { words: Set<string>; voices: [Voice, ...Voice[]] }[] = [];
  for (const { label, text } of references) {
    for (const [at, sentence] of splitSentences(text).slice(0, MAX_SENTENCES).entries()) {
      const words = contentWords(sentence);
      const claim = claims.find((each) => says(each, sentence, words));
      if (!claim) claims.push({ words, voices: [{ label, sentence, at }] });
      else if (claim.voices.every((voice) => voice.label !== label)) {
        claim.voices.push({ label, sentence, at });
      }
    }
  }
  return claims.sort((a, b) => b.voices.length - a.voices.length);
}

/** Pairs of claims about one thing that cannot both hold, the one with more voices first. */
export function findDisputes(claims: readonly Claim[]): [Claim, Claim][] {
  return claims.flatMap((claim, at) =>
    claims.slice(at + 1)
      .filter((other) =>
        overlap(claim.words, other.words) >= RELATED &&
        conflict(claim.voices[0].sentence, other.voices[0].sentence) &&
        claim.voices.every((voice) => other.voices.every((each) => each.label !== voice.label))
      )
      .map((other): [Claim, Claim] => [claim, other])
  );
}

/** Whether two sentences say the same. */
export function agree(a: string, b: string): boolean {
  return overlap(contentWords(a), contentWords(b)) >= SAME && !conflict(a, b);
}

/** Sentences of one reference that are read; the rest of a long answer is padding. */
const MAX_SENTENCES = 16;
const SAME = 0.6;
const RELATED = 0.45;

function says(claim: Claim, sentence: string, words: ReadonlySet<string>): boolean {
  return overlap(claim.words, words) >= SAME && !conflict(claim.voices[0].sentence, sentence);
}
