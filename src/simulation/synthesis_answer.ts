/**
 * Synthesis answer: what a simulated synthesizer writes out of references: the claims that most share
 * first, then what single ones add, and nothing that the analysis holds against them. The wording is
 * taken from as many references as possible.
 * @module
 */
import { agree, type Claim, findDisputes, gatherClaims } from "./claims.ts";
import type { Reference } from "./stage.ts";

/** `analysis` is the judge's JSON as it was found in the prompt, or whatever stood in its place. */
export function synthesizeAnswer(references: readonly Reference[], analysis?: unknown): string {
  const claims = gatherClaims(references);
  const findings = readFindings(analysis);
  const refused = new Set(
    claims.filter((claim) => isRefused(claim, findings)),
  );
  for (const [one, other] of findDisputes(claims)) {
    if (one.voices.length > other.voices.length) refused.add(other);
  }
  const kept = claims.filter((claim) => !refused.has(claim));
  const inConsensus = (claim: Claim): boolean =>
    claim.voices.length * 2 > references.length ||
    findings.consensus.some((text) => agree(text, claim.voices[0].sentence));
  const said = new Map<string, number>();
  const write = (claim: Claim): string => leastHeard(claim, said);
  const common = kept.filter(inConsensus).sort(byPlace).map(write);
  const added = kept.filter((claim) => !inConsensus(claim)).slice(0, MAX_ADDED).map(write);
  return [common.join(" "), added.join(" ")].filter(Boolean).join("\n\n") ||
    (references[0]?.text ?? "");
}

interface Findings {
  readonly consensus: readonly string[];
  readonly minority: readonly string[];
  readonly unreliable: ReadonlySet<string>;
}

/** More single claims than these make an answer a list of everything. */
const MAX_ADDED = 4;
const UNRELIABLE = 0.4;

/** Reads an analysis as far as it can be read; a model is given whatever its prompt holds. */
function readFindings(analysis: unknown): Findings {
  const record = asRecord(analysis);
  const reliability = Array.isArray(record.reliability)
    ? record.reliability.map(asRecord).map((each) =>
      [String(each.label), Number(each.score)] as const
    )
    : Object.entries(asRecord(record.reliability)).map(([label, score]) =>
      [label, Number(score)] as const
    );
  const positions = asList(record.contradictions).map((each) =>
    asList(asRecord(each).positions).map(asRecord)
      .map(({ labels, claim }) => ({ voices: asList(labels).length, claim: String(claim) }))
  );
  return {
    consensus: asList(record.consensus).map(String),
    minority: positions.flatMap((each) => {
      const most = Math.max(0, ...each.map((position) => position.voices));
      return each.filter((position) => position.voices < most).map((position) => position.claim);
    }),
    unreliable: new Set(
      reliability.filter(([, score]) => score < UNRELIABLE).map(([label]) => label),
    ),
  };
}

function isRefused(claim: Claim, findings: Findings): boolean {
  return claim.voices.every((voice) => findings.unreliable.has(voice.label)) ||
    findings.minority.some((text) => text === claim.voices[0].sentence);
}

/** The claim in the words of the reference that the answer has used least so far. */
function leastHeard(claim: Claim, said: Map<string, number>): string {
  const voice = claim.voices.reduce((best, each) =>
    (said.get(each.label) ?? 0) < (said.get(best.label) ?? 0) ? each : best
  );
  said.set(voice.label, (said.get(voice.label) ?? 0) + 1);
  return voice.sentence;
}

const byPlace = (a: Claim, b: Claim): number => a.voices[0].at - b.voices[0].at;

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};

const asList = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];
