/**
 * Analysis: the judge's findings: the shape that is asked for, a tolerant reading of what came, and
 * its translation to another stage's labels.
 *
 * A judge's reply is a model's text: it may stand in a code fence, behind reasoning, have trailing
 * commas or lack fields. What can be read is used, what is missing is empty; only a reply without any
 * finding is a fault, and the fault is worded for {@linkcode repairPrompt}.
 * @module
 */
import * as z from "zod";
import { isRecord, readObject } from "./analysis_reply.ts";
import { LABEL, LABEL_PREFIX } from "./reference_label.ts";

const MAX_TEXT = 1_000;
const MAX_ITEMS = 16;

const text = z.string().catch("").transform((value) => value.trim().slice(0, MAX_TEXT));
const texts = listOf(text).transform((values) => values.filter((value) => value !== ""));
const score = z.coerce.number().catch(0.5).transform((value) => Math.min(1, Math.max(0, value)));

export const analysisSchema = z.object({
  /** Claims that most answers share. */
  consensus: texts,
  contradictions: listOf(z.object({
    topic: text,
    positions: listOf(z.object({ labels: texts, claim: text })),
  })),
  unique_insights: listOf(z.object({ label: text, insight: text })),
  /** What every answer misses. */
  blind_spots: texts,
  /** By label, 0 to 1. */
  reliability: z.record(z.string(), score).catch({}),
  /** The best case against what the majority says. */
  strongest_objection: text,
});
/** What the judge found; labels are those of the stage that it was made in. */
export type Analysis = z.infer<typeof analysisSchema>;

/**
 * `response_format` of the judge's call. Constant, because upstreams compile each new schema once, at
 * the cost of seconds; so labels are plain strings and reliability is a list.
 * Source: OpenAI, "Structured model outputs", supported schemas (strict).
 */
export const analysisJsonSchema = {
  name: "analysis",
  strict: true,
  schema: objectOf({
    consensus: arrayOf(stringType()),
    contradictions: arrayOf(objectOf({
      topic: stringType(),
      positions: arrayOf(objectOf({ labels: arrayOf(stringType()), claim: stringType() })),
    })),
    unique_insights: arrayOf(objectOf({ label: stringType(), insight: stringType() })),
    blind_spots: arrayOf(stringType()),
    reliability: arrayOf(objectOf({ label: stringType(), score: { type: "number" } })),
    strongest_objection: stringType(),
  }),
} as const;

/** Reads a judge's reply. Labels that were not staged are dropped, however the judge spelled the rest. */
export function parseAnalysis(
  reply: string,
  labels: readonly string[],
): { analysis: Analysis } | { fault: string } {
  const found = readObject(reply, Object.keys(analysisSchema.shape));
  if (typeof found === "string") return { fault: found };
  const parsed = analysisSchema.safeParse({
    ...found,
    reliability: reliabilityRecord(found.reliability),
  });
  if (!parsed.success) return { fault: "the JSON object has another shape" };
  const analysis = relabel(parsed.data, new Map(labels.map((label) => [label, label])));
  return isEmpty(analysis) ? { fault: "the JSON object holds no finding" } : { analysis };
}

/** The analysis in other labels; findings about a label that `labels` does not hold are dropped. */
export function relabel(analysis: Analysis, labels: ReadonlyMap<string, string>): Analysis {
  let bySpelling: ReadonlyMap<string, string> | undefined;
  const known = (label: string): string[] => {
    let to = labels.get(label);
    if (to === undefined) {
      bySpelling ??= new Map([...labels].map(([from, to]) => [spelling(from), to]));
      to = bySpelling.get(spelling(label));
    }
    return to === undefined ? [] : [to];
  };
  const translated = translator(labels);
  return {
    consensus: analysis.consensus.map(translated),
    contradictions: analysis.contradictions.map(({ topic, positions }) => ({
      topic: translated(topic),
      positions: positions
        .map((each) => ({ labels: each.labels.flatMap(known), claim: translated(each.claim) }))
        .filter((each) => each.labels.length > 0),
    })).filter(({ topic, positions }) => topic !== "" || positions.length > 0),
    unique_insights: analysis.unique_insights.flatMap(({ label, insight }) =>
      known(label).map((to) => ({ label: to, insight: translated(insight) }))
    ),
    blind_spots: analysis.blind_spots.map(translated),
    reliability: Object.fromEntries(
      Object.entries(analysis.reliability).flatMap(([label, value]) =>
        known(label).map((to) => [to, value])
      ),
    ),
    strongest_objection: translated(analysis.strongest_objection),
  };
}

/**
 * One analysis of two that were made from the same references in different orders, both in the same
 * labels: findings united, scores averaged, so that what a position did to one is halved.
 */
export function mergeAnalyses(a: Analysis, b: Analysis): Analysis {
  const labels = new Set([...Object.keys(a.reliability), ...Object.keys(b.reliability)]);
  return {
    consensus: united([...a.consensus, ...b.consensus], (claim) => claim),
    contradictions: united([...a.contradictions, ...b.contradictions], ({ topic }) => topic),
    unique_insights: united([...a.unique_insights, ...b.unique_insights], ({ insight }) => insight),
    blind_spots: united([...a.blind_spots, ...b.blind_spots], (spot) => spot),
    reliability: Object.fromEntries(
      [...labels].map((label) => [
        label,
        ((a.reliability[label] ?? b.reliability[label]!) +
          (b.reliability[label] ?? a.reliability[label]!)) / 2,
      ]),
    ),
    strongest_objection: united([a.strongest_objection, b.strongest_objection], (each) => each)
      .filter((each) => each !== "").join(" / "),
  };
}

/** How far two readings of the same references differ, 0 to 1: what the order alone does to the judge. */
export function positionShift(a: Analysis, b: Analysis): number | null {
  const shifts = Object.keys(a.reliability).filter((label) => label in b.reliability)
    .map((label) => Math.abs(a.reliability[label]! - b.reliability[label]!));
  return shifts.length === 0 ? null : shifts.reduce((sum, each) => sum + each, 0) / shifts.length;
}

/** The reliability by slot, for choices that outlive a stage's labels. */
export function reliabilityBySlot(
  analysis: Analysis,
  order: readonly { readonly slot: number; readonly label: string }[],
): Map<number, number> {
  return new Map(order.flatMap(({ slot, label }) => {
    const value = analysis.reliability[label];
    return value === undefined ? [] : [[slot, value] as const];
  }));
}

/** Reliability as a record, whether it came as one or as the schema's list of `{label, score}`. */
function reliabilityRecord(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.filter(isRecord).filter(({ label }) => typeof label === "string")
      .map(({ label, score }) => [label, score]),
  );
}

function isEmpty(analysis: Analysis): boolean {
  return Object.values(analysis).every((value) => Object.keys(value).length === 0);
}

/** "[ref-k7m]" and "K7M" are Ref-K7M. */
function spelling(label: string): string {
  return label.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/^(?:REFERENCE|REF)/, "");
}

/** Replaces labels inside prose, all in one pass: a new label may look like another old one. */
function translator(labels: ReadonlyMap<string, string>): (prose: string) => string {
  const changed = [...labels].filter(([from, to]) => from !== to).map(([from]) => from);
  if (changed.length === 0) return (prose) => prose;
  // One pattern for all staged labels: to make one for these costs ten times what its use does.
  const areStaged = changed.every((label) => label.startsWith(LABEL_PREFIX));
  const pattern = areStaged ? LABEL : new RegExp(changed.map(RegExp.escape).join("|"), "g");
  return (prose) => prose.replace(pattern, (label) => labels.get(label) ?? label);
}

/** The first of the values whose keys are the same but for case and punctuation. */
function united<T>(values: readonly T[], key: (value: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const value of values) {
    const folded = key(value).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
    if (!byKey.has(folded)) byKey.set(folded, value);
  }
  return [...byKey.values()].slice(0, MAX_ITEMS);
}

/** A list of what can be read of each element; anything else is an empty list. */
function listOf<T extends z.ZodType>(element: T) {
  return z.array(z.unknown()).catch([]).transform((values) =>
    values.slice(0, MAX_ITEMS).flatMap((value) => {
      const parsed = element.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    })
  );
}

function objectOf<T extends Record<string, unknown>>(properties: T) {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  } as const;
}

function arrayOf<T>(items: T) {
  return { type: "array", items } as const;
}

function stringType() {
  return { type: "string" } as const;
}
