/**
 * Judge answer: the analysis that a simulated judge writes. It reads the references it is given and
 * reports what it finds in them; it knows nothing else.
 * @module
 */
import { type Claim, findDisputes, gatherClaims } from "./claims.ts";
import { contentWords, wordsIn } from "./sentences.ts";
import type { Reference } from "./stage.ts";

export interface SimulatedAnalysis {
  readonly consensus: readonly string[];
  readonly contradictions: readonly {
    readonly topic: string;
    readonly positions: readonly { readonly labels: readonly string[]; readonly claim: string }[];
  }[];
  readonly unique_insights: readonly { readonly label: string; readonly insight: string }[];
  readonly blind_spots: readonly string[];
  readonly reliability: readonly { readonly label: string; readonly score: number }[];
  readonly strongest_objection: string;
}

export function judgeReferences(
  references: readonly Reference[],
  question: string,
): SimulatedAnalysis {
  const claims = gatherClaims(references);
  const disputes = findDisputes(claims);
  const disputed = new Set(disputes.flat());
  const losing = new Set(
    disputes.filter(([one, other]) => outvoted(one, other)).map(([, it]) => it),
  );
  const shared = claims.filter((claim) =>
    claim.voices.length * 2 > references.length && !losing.has(claim)
  );
  return {
    consensus: shared.slice(0, MAX_ITEMS).map(wording),
    contradictions: disputes.slice(0, MAX_ITEMS).map(([one, other]) => ({
      topic: wordsIn(wording(one), other.words, "shared").slice(0, 5).join(" "),
      positions: [one, other].map((claim) => ({ labels: labelsOf(claim), claim: wording(claim) })),
    })),
    unique_insights: claims
      .filter((claim) => claim.voices.length === 1 && !disputed.has(claim) && claim.words.size > 2)
      .slice(0, MAX_ITEMS)
      .map((claim) => ({ label: claim.voices[0].label, insight: wording(claim) })),
    blind_spots: blindSpots(references, question),
    reliability: references.map(({ label }) => ({
      label,
      score: reliabilityOf(label, { claims, losing, of: references.length }),
    })),
    strongest_objection: disputes[0]
      ? `Against the majority stands: ${wording(disputes[0][1])}`
      : "The references agree so closely that they may share one source and one error.",
  };
}

/** The label of the reference that most others bear out; the first of equals. "" where there is none. */
export function chooseReference(references: readonly Reference[]): string {
  const { reliability } = judgeReferences(references, "");
  return reliability.reduce((best, each) => each.score > best.score ? each : best, {
    label: references[0]?.label ?? "",
    score: 0,
  }).label;
}

/** Analysis without a finding, for a judge whose answers are filler. */
export function fillerAnalysis(filler: string): SimulatedAnalysis {
  return {
    consensus: [filler],
    contradictions: [],
    unique_insights: [],
    blind_spots: [],
    reliability: [],
    strongest_objection: "",
  };
}

const MAX_ITEMS = 6;

const wording = (claim: Claim): string => claim.voices[0].sentence;

const labelsOf = (claim: Claim): string[] => claim.voices.map((voice) => voice.label);

const outvoted = (one: Claim, other: Claim): boolean => one.voices.length > other.voices.length;

/** A label's claims are worth what others say too; a lost dispute costs. Two decimals. */
function reliabilityOf(
  label: string,
  panel: { claims: readonly Claim[]; losing: ReadonlySet<Claim>; of: number },
): number {
  const own = panel.claims.filter((claim) => claim.voices.some((voice) => voice.label === label));
  if (own.length === 0) return 0;
  const support = own.reduce((sum, claim) => sum + claim.voices.length / panel.of, 0) / own.length;
  const lost = own.filter((claim) => panel.losing.has(claim)).length;
  const score = 0.5 + support / 2 - 0.4 * lost;
  return Math.round(Math.min(1, Math.max(0, score)) * 100) / 100;
}

/** Words of the question that no reference takes up. */
function blindSpots(references: readonly Reference[], question: string): string[] {
  const said = contentWords(references.map((reference) => reference.text).join("\n"));
  const missed = wordsIn(question, said, "missing").filter((word) => word.length > 3);
  return [
    ...missed.slice(0, 2).map((word) => `No reference takes up "${word}".`),
    "No reference names a source.",
  ];
}
