/**
 * Agreement: how near each answer is to the others, how much of their common ground it covers, and
 * which stand apart. Consensus is no proof: the figures weigh and annotate, they drop nothing.
 *
 * Comes in: the panel's texts. Goes out: one {@linkcode Agreement} each. Knows no model and no prompt.
 * @module
 */
import { answerKey } from "./answer_key.ts";
import { DenseIds } from "./dense_ids.ts";
import { termsOf, termWeight } from "./terms.ts";

export interface Agreement {
  /** How near the answer is to the others, 0 to 1. */
  readonly weight: number;
  /** The part of what others say, too, that this answer has (and a little of its breadth), 0 to 1. */
  readonly completeness: number;
  /** It shares far less with the others than they share among themselves. */
  readonly outlier: boolean;
}

export interface Knowledge {
  /** By text: whether it speaks to its reader. Such a text weighs a quarter. */
  readonly suspect?: readonly boolean[];
  /** By text: its terms, where they have been read already. */
  readonly terms?: readonly Int32Array[];
}

/** Weighs each text by what it shares with the others. One text alone has weight 1. */
export function weighAgreement(
  texts: readonly string[],
  { suspect = [], terms = texts.map(termsOf) }: Knowledge = {},
): Agreement[] {
  if (texts.length < 2) return texts.map(() => ({ weight: 1, completeness: 1, outlier: false }));
  const bags = bagsOf(terms);
  const nearness = meanNearness(bags, texts);
  const typicalLength = median(texts.map((text) => text.length));
  const weights = nearness.map((near, at) =>
    near * wholeness(texts[at]!, typicalLength) * (suspect[at] ? SUSPECT_FACTOR : 1)
  );
  const completeness = coverage(bags);
  const typical = median(weights);
  return weights.map((weight, at) => ({
    weight,
    completeness: completeness[at]!,
    outlier: texts.length > 2 && weight < typical * OUTLIER_FRACTION,
  }));
}

const SUSPECT_FACTOR = 0.25;
/** Where answers to other questions are told apart from unusual answers to this one. */
const OUTLIER_FRACTION = 0.3;

/** A text's terms as panel-wide numbers, each once. */
interface Bag {
  readonly ids: readonly number[];
  /** The root of the summed squares of the terms' weights. */
  readonly norm: number;
}

interface Bags {
  readonly bags: readonly Bag[];
  /** By id: the term's weight squared. */
  readonly weight: readonly number[];
  /** By id: how many texts have the term. */
  readonly holders: readonly number[];
}

function bagsOf(terms: readonly Int32Array[]): Bags {
  const known = new DenseIds(terms.reduce((sum, each) => sum + each.length, 0));
  const weight: number[] = [];
  const holders: number[] = [];
  const lastHolder: number[] = [];
  const bags = terms.map((own, at) => {
    const ids: number[] = [];
    let sum = 0;
    for (const term of own) {
      const id = known.idOf(term);
      if (id === weight.length) {
        weight.push(termWeight(term) ** 2);
        holders.push(0);
        lastHolder.push(-1);
      }
      if (lastHolder[id] === at) continue;
      lastHolder[id] = at;
      holders[id]!++;
      ids.push(id);
      sum += weight[id]!;
    }
    return { ids, norm: Math.sqrt(sum) };
  });
  return { bags, weight, holders };
}

/** Each text's mean cosine with the others over the terms' weights. */
function meanNearness({ bags, weight }: Bags, texts: readonly string[]): number[] {
  const keys = texts.map(answerKey);
  const seenBy = new Int32Array(weight.length).fill(-1);
  const sums = new Float64Array(bags.length);
  bags.forEach((own, at) => {
    for (const id of own.ids) seenBy[id] = at;
    for (let other = at + 1; other < bags.length; other++) {
      const { ids, norm } = bags[other]!;
      let shared = 0;
      for (const id of ids) if (seenBy[id] === at) shared += weight[id]!;
      const product = own.norm * norm;
      const same = keys[at] !== null && keys[at] === keys[other];
      const near = same ? 1 : product > 0 ? shared / product : 0;
      sums[at]! += near;
      sums[other]! += near;
    }
  });
  return Array.from(sums, (sum) => Math.min(1, sum / (bags.length - 1)));
}

/**
 * The part of the terms that others have, too, which a text has; a term counts by its other holders.
 * Of two answers each has all that they share, so a tenth is the breadth against the median's.
 */
function coverage({ bags, weight, holders }: Bags): number[] {
  const typical = median(bags.map(({ norm }) => norm * norm));
  let all = 0;
  for (let id = 0; id < weight.length; id++) all += weight[id]! * square(holders[id]!);
  return bags.map(({ ids, norm }) => {
    let own = 0;
    let ownInAll = 0;
    for (const id of ids) {
      own += weight[id]! * square(holders[id]! - 1);
      ownInAll += weight[id]! * square(holders[id]!);
    }
    const others = all - ownInAll + own;
    if (others === 0 || typical === 0) return 0;
    const breadth = norm * norm / typical;
    const covered = Math.min(1, 0.9 * own / others + 0.1 * Math.min(1, breadth / 1.5));
    return covered * Math.min(1, WIDEST / breadth);
  });
}

/** 1 for an answer of a usual length; less for one that is far shorter, least when it breaks off. */
function wholeness(text: string, typicalLength: number): number {
  const enough = typicalLength * (breaksOff(text) ? 0.5 : 0.15);
  return enough > 0 ? Math.min(1, text.length / enough) : 1;
}

function breaksOff(text: string): boolean {
  const last = text.trimEnd().at(-1);
  return last === undefined || !ENDINGS.includes(last);
}

const ENDINGS = ".!?…:;)]}>\"'`*_|~”’»。！？）」』0123456789";

/** Above this multiple of the median's breadth, having every word is no merit. */
const WIDEST = 3;

const square = (value: number): number => value * value;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
