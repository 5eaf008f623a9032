/**
 * References: the panel's answers made ready for a reader. Prepared once per panel layer (self-naming
 * removed, lengths evened, agreement weighed), staged once per stage (labels and order of its own,
 * fenced by a nonce that no answer holds).
 *
 * Comes in: answers and a seed. Goes out: text for a prompt, and who is behind which label.
 * @module
 */
import { weighAgreement } from "./agreement.ts";
import { anonymizer } from "./anonymity.ts";
import { markInjections, withoutControlTokens } from "./injection.ts";
import { evenLengths } from "./length.ts";
import { LABEL_LETTERS, LABEL_PREFIX } from "./reference_label.ts";
import { seededRandom, shuffled } from "./seeded_random.ts";
import { termsOf } from "./terms.ts";

/** One panel member's answer. */
export interface SourceAnswer {
  /** The member's place in the panel plan. */
  readonly slot: number;
  readonly text: string;
  readonly model: string;
}

export interface PreparedReference {
  readonly slot: number;
  readonly text: string;
  /** How near the answer is to the others, 0 to 1. */
  readonly weight: number;
  /** How much of what others say, too, it has, 0 to 1. */
  readonly completeness: number;
  /** Whether it stands apart from answers that agree. To be weighed, never dropped. */
  readonly outlier: boolean;
  /** Whether it speaks to its reader instead of answering. */
  readonly injection: boolean;
  /** Present where the text was shortened: estimated tokens before and after. */
  readonly cut?: { readonly fromTokens: number; readonly toTokens: number };
  /** What {@link text} speaks of. Absent: nobody has read that yet. */
  readonly terms?: Int32Array;
}

export interface PrepareOptions {
  readonly anonymize: boolean;
  readonly normalizeLength: boolean;
  /** Characters of one reference, at most. */
  readonly maxReferenceChars: number;
  /** The panel's own model names, as configured. */
  readonly names?: readonly string[];
  /** Tokens of all references together, at most: what the readers' contexts leave for them. */
  readonly maxTotalTokens?: number;
}

export interface StagedReferences {
  readonly nonce: string;
  readonly order: readonly { readonly slot: number; readonly label: string }[];
  /** @throws RangeError for a slot that is not staged. */
  labelOf(slot: number): string;
  /** The fenced block, ready for a prompt. */
  readonly text: string;
}

/** Prepares a layer's answers for every stage that reads them. */
export function prepareReferences(
  answers: readonly SourceAnswer[],
  options: PrepareOptions,
): PreparedReference[] {
  const anonymize = options.anonymize ? anonymizer(options.names ?? []) : (text: string) => text;
  const texts = answers.map(({ text }) => withoutControlTokens(anonymize(text)));
  const injections = markInjections(answers.map(({ text }) => text));
  const terms = texts.map(termsOf);
  const agreement = weighAgreement(texts, { suspect: injections, terms });
  const evened = evenLengths(texts, {
    relative: options.normalizeLength,
    maxChars: options.maxReferenceChars,
    maxTotalTokens: options.maxTotalTokens,
  });
  return answers.map(({ slot }, at) => ({
    slot,
    injection: injections[at]!,
    ...agreement[at]!,
    ...evened[at]!,
    ...(evened[at]!.cut ? {} : { terms: terms[at]! }),
  }));
}

/** Gives prepared references their labels, order and fence for one stage of one request. */
export function stageReferences(
  prepared: readonly PreparedReference[],
  options: {
    readonly seed: string;
    readonly stage: string;
    /** Another staging of the same references: this one has them in the reverse order. */
    readonly reverseOf?: StagedReferences | undefined;
  },
): StagedReferences {
  const random = seededRandom(`${options.seed}/${options.stage}`);
  const texts = prepared.map((reference) => reference.text);
  const nonce = draw(random, NONCE_LETTERS, 6, (candidate) => occurs(candidate, texts));
  const labels = new Set<string>();
  const order = ordered(prepared, { random, ...options }).map((reference) => {
    const label = LABEL_PREFIX +
      draw(
        random,
        LABEL_LETTERS,
        3,
        (code) => labels.has(LABEL_PREFIX + code) || occurs(LABEL_PREFIX + code, texts),
      );
    labels.add(label);
    return { slot: reference.slot, label };
  });
  const labelBySlot = new Map(order.map(({ slot, label }) => [slot, label]));
  const bySlot = new Map(prepared.map((reference) => [reference.slot, reference]));
  return {
    nonce,
    order,
    labelOf: (slot) => {
      const label = labelBySlot.get(slot);
      if (label === undefined) throw new RangeError(`Cannot label slot ${slot}: it is not staged`);
      return label;
    },
    text: order.map(({ slot, label }) => fence(bySlot.get(slot)!, { label, nonce })).join("\n"),
  };
}

function ordered(
  prepared: readonly PreparedReference[],
  { random, reverseOf }: {
    readonly random: () => number;
    readonly reverseOf?: StagedReferences | undefined;
  },
): readonly PreparedReference[] {
  if (!reverseOf) return shuffled(prepared, random);
  const placeOf = new Map(reverseOf.order.map(({ slot }, place) => [slot, place]));
  return prepared.toSorted((a, b) => placeOf.get(b.slot)! - placeOf.get(a.slot)!);
}

/** From one stage's labels to another's, by slot: for an analysis that moves on. */
export function labelsBetween(from: StagedReferences, to: StagedReferences): Map<string, string> {
  const target = new Map(to.order.map(({ slot, label }) => [slot, label]));
  return new Map(from.order.flatMap(({ slot, label }) => {
    const other = target.get(slot);
    return other === undefined ? [] : [[label, other] as const];
  }));
}

/**
 * Reads references back from a prompt that {@linkcode stageReferences} wrote a part of, in the prompt's
 * order; null where there are none. The first fence is true: whatever an answer forges stands in it.
 */
export function readReferences(prompt: string): { label: string; text: string }[] | null {
  const nonce = /<ref-(\w+) label="/.exec(prompt)?.[1];
  if (nonce === undefined) return null;
  const found: { label: string; text: string }[] = [];
  const open = `<ref-${nonce} label="`;
  const close = `\n</ref-${nonce}>`;
  for (let from = prompt.indexOf(open); from >= 0;) {
    const label = prompt.slice(from + open.length, prompt.indexOf('"', from + open.length));
    const textAt = prompt.indexOf(">\n", from) + 2;
    const end = prompt.indexOf(close, textAt);
    if (end < 0) return null;
    found.push({ label, text: prompt.slice(textAt, end) });
    from = prompt.indexOf(open, end);
  }
  return found;
}

/** As LABEL_LETTERS, so that the two are told apart by their case. */
const NONCE_LETTERS = "bcdfghjkmnpqrstvwxz23456789";

/** Draws a code that is not `taken`; it grows with every miss, so that one is always found. */
function draw(
  random: () => number,
  letters: string,
  length: number,
  taken: (code: string) => boolean,
): string {
  for (let width = length;; width++) {
    let code = "";
    for (let at = 0; at < width; at++) code += letters[Math.floor(random() * letters.length)];
    if (!taken(code)) return code;
  }
}

const occurs = (needle: string, texts: readonly string[]): boolean =>
  texts.some((text) => text.includes(needle));

function fence(
  reference: PreparedReference,
  mark: { readonly label: string; readonly nonce: string },
): string {
  const notes: string[] = [];
  if (reference.outlier) notes.push("outlier: shares little with the others");
  if (reference.injection) notes.push("holds text that speaks to its reader");
  if (reference.cut) {
    notes.push(`shortened from ${reference.cut.fromTokens} to ${reference.cut.toTokens} tokens`);
  }
  const note = notes.length > 0 ? ` note="${notes.join("; ")}"` : "";
  return `<ref-${mark.nonce} label="${mark.label}"${note}>\n${reference.text}\n</ref-${mark.nonce}>`;
}
