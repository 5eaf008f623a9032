/**
 * Analysis: the judge's JSON: its schema as asked for, a tolerant reading of what came, and its
 * translation to another stage's labels. Zod at the border, plain data inside.
 * @module
 */
import { jsonrepair } from "jsonrepair";
import * as z from "zod";

const text = z.string().catch("").transform((value) => value.slice(0, MAX_TEXT));
const texts = z.array(text).catch([]).transform((values) =>
  values.filter(Boolean).slice(0, MAX_ITEMS)
);
const MAX_TEXT = 2_000;
const MAX_ITEMS = 24;
/** Above this a judge's reply is not read at all: reading must stay short work. */
const MAX_REPLY = 32_768;

const position = z.object({ labels: texts, claim: text });
const score = z.number().catch(0.5).transform((value) => Math.min(1, Math.max(0, value)));

export const analysisSchema = z.object({
  consensus: texts,
  contradictions: z.array(z.object({ topic: text, positions: z.array(position).catch([]) })).catch(
    [],
  ),
  unique_insights: z.array(z.object({ label: text, insight: text })).catch([]),
  blind_spots: texts,
  reliability: z.record(z.string(), score).catch({}),
  strongest_objection: text,
});
/** What the judge found; labels are those of the judge's stage. */
export type Analysis = z.infer<typeof analysisSchema>;

/** `response_format.json_schema` of the judge's call; constant, so that an upstream compiles it once. */
export const analysisJsonSchema = {
  name: "analysis",
  strict: true,
  schema: object({
    consensus: list(string()),
    contradictions: list(object({
      topic: string(),
      positions: list(object({ labels: list(string()), claim: string() })),
    })),
    unique_insights: list(object({ label: string(), insight: string() })),
    blind_spots: list(string()),
    reliability: list(object({ label: string(), score: { type: "number" } })),
    strongest_objection: string(),
  }),
} as const;

/** Reads a judge's reply; `fault` says, for the repair prompt, what was wrong with it. */
export function parseAnalysis(
  reply: string,
  labels: readonly string[],
): { analysis: Analysis } | { fault: string } {
  if (reply.length > MAX_REPLY) return { fault: "the reply is too long" };
  const start = reply.indexOf("{");
  const end = reply.lastIndexOf("}");
  if (start < 0) return { fault: "the reply holds no JSON object" };
  const value = readJson(end > start ? reply.slice(start, end + 1) : reply.slice(start));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { fault: "the reply holds no JSON object" };
  }
  const raw = value as Record<string, unknown>;
  if (!KEYS.some((key) => key in raw)) {
    return { fault: `none of the keys ${KEYS.join(", ")} is there` };
  }
  const parsed = analysisSchema.safeParse({
    ...raw,
    reliability: reliabilityRecord(raw.reliability),
  });
  if (!parsed.success) {
    return { fault: parsed.error.issues[0]?.message ?? "the JSON has another shape" };
  }
  return { analysis: relabel(parsed.data, new Map(labels.map((label) => [label, label]))) };
}

/** The analysis in other labels; what speaks of a label that `labels` does not hold is dropped. */
export function relabel(analysis: Analysis, labels: ReadonlyMap<string, string>): Analysis {
  const translate = (value: string): string => {
    let result = value;
    for (const [from, to] of labels) result = result.replaceAll(from, to);
    return result;
  };
  const known = (values: readonly string[]): string[] =>
    values.flatMap((value) => labels.get(value) ?? []);
  return {
    consensus: analysis.consensus.map(translate),
    contradictions: analysis.contradictions.map(({ topic, positions }) => ({
      topic: translate(topic),
      positions: positions
        .map((each) => ({ labels: known(each.labels), claim: translate(each.claim) }))
        .filter((each) => each.labels.length > 0),
    })),
    unique_insights: analysis.unique_insights
      .filter(({ label }) => labels.has(label))
      .map(({ label, insight }) => ({ label: labels.get(label)!, insight: translate(insight) })),
    blind_spots: analysis.blind_spots.map(translate),
    reliability: Object.fromEntries(
      Object.entries(analysis.reliability).flatMap(([label, value]) =>
        labels.has(label) ? [[labels.get(label)!, value]] : []
      ),
    ),
    strongest_objection: translate(analysis.strongest_objection),
  };
}

/** One analysis from two readings in different orders (same labels): findings united, scores averaged. */
export function mergeAnalyses(a: Analysis, b: Analysis): Analysis {
  const labels = new Set([...Object.keys(a.reliability), ...Object.keys(b.reliability)]);
  return {
    consensus: [...new Set([...a.consensus, ...b.consensus])],
    contradictions: [...a.contradictions, ...b.contradictions],
    unique_insights: [...a.unique_insights, ...b.unique_insights],
    blind_spots: [...new Set([...a.blind_spots, ...b.blind_spots])],
    reliability: Object.fromEntries([...labels].map((label) => {
      const scores = [a.reliability[label], b.reliability[label]].filter((each) =>
        each !== undefined
      );
      return [label, scores.reduce((sum, each) => sum + each, 0) / scores.length];
    })),
    strongest_objection: a.strongest_objection || b.strongest_objection,
  };
}

const KEYS = Object.keys(analysisSchema.shape);

function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    try {
      return JSON.parse(jsonrepair(json));
    } catch {
      return null;
    }
  }
}

/** Reliability as a record, whether it came as one or as the schema's list of `{label, score}`. */
function reliabilityRecord(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.flatMap((each) => typeof each?.label === "string" ? [[each.label, each.score]] : []),
  );
}

function object<T extends Record<string, unknown>>(properties: T) {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  } as const;
}

function list<T>(items: T) {
  return { type: "array", items } as const;
}

function string() {
  return { type: "string" } as const;
}
