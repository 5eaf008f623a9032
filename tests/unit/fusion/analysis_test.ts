import assert from "node:assert/strict";
import {
  type Analysis,
  analysisJsonSchema,
  mergeAnalyses,
  parseAnalysis,
  positionShift,
  relabel,
  reliabilityBySlot,
} from "../../../src/fusion/analysis.ts";

const LABELS = ["Ref-K7M", "Ref-B2X"];
const FULL: Analysis = {
  consensus: ["Ref-K7M and Ref-B2X agree on Rayleigh scattering"],
  contradictions: [{
    topic: "violet",
    positions: [
      { labels: ["Ref-K7M"], claim: "scattered more" },
      { labels: ["Ref-B2X"], claim: "scattered less" },
    ],
  }],
  unique_insights: [{ label: "Ref-B2X", insight: "clouds are white" }],
  blind_spots: ["ozone"],
  reliability: { "Ref-K7M": 0.9, "Ref-B2X": 0.4 },
  strongest_objection: "The eye matters as much.",
};
const analysisOf = (reply: string): Analysis => {
  const parsed = parseAnalysis(reply, LABELS);
  assert.ok("analysis" in parsed, JSON.stringify(parsed));
  return parsed.analysis;
};
const faultOf = (reply: string): string => {
  const parsed = parseAnalysis(reply, LABELS);
  assert.ok("fault" in parsed);
  return parsed.fault;
};

const json = JSON.stringify(FULL);
for (
  const [how, reply] of [
    ["bare", json],
    [
      "in a code fence",
      `Here it is:\n\n\`\`\`json\n${JSON.stringify(FULL, null, 2)}\n\`\`\`\nDone.`,
    ],
    ["behind reasoning", `<think>Let me see {"consensus": maybe}</think>${json}`],
    ["behind a brace in prose", `The set {a, b} is odd.\n${json}`],
    ["with trailing commas", json.replaceAll("}", ",}").replaceAll("]", ",]")],
    ["with single quotes", json.replaceAll('"', "'")],
    ["with bare keys", json.replace(/"(\w+)":/g, "$1:")],
    ["cut off at the end", json.slice(0, -1)],
  ] as const
) {
  Deno.test(`parseAnalysis() reads an analysis ${how}`, () =>
    assert.deepEqual(analysisOf(reply), FULL));
}

Deno.test("parseAnalysis() reads reliability as the schema's list", () => {
  const list = LABELS.map((label) => ({ label, score: FULL.reliability[label] }));
  assert.deepEqual(analysisOf(JSON.stringify({ ...FULL, reliability: list })), FULL);
  const wordless = { label: { toString: null, valueOf: null }, score: 1 };
  const more = [wordless, { score: 1 }, ...list];
  assert.deepEqual(analysisOf(JSON.stringify({ ...FULL, reliability: more })), FULL);
});

Deno.test("parseAnalysis() fills in what is missing or has another type", () => {
  const analysis = analysisOf(
    `{"consensus":"none","blind_spots":["ozone",7],"reliability":{"Ref-K7M":"0.5"}}`,
  );
  assert.deepEqual(analysis, {
    consensus: [],
    contradictions: [],
    unique_insights: [],
    blind_spots: ["ozone"],
    reliability: { "Ref-K7M": 0.5 },
    strongest_objection: "",
  });
});

Deno.test("parseAnalysis() knows labels by any spelling and drops unknown ones", () => {
  const analysis = analysisOf(JSON.stringify({
    ...FULL,
    unique_insights: [{ label: "[ref-k7m]", insight: "a" }, { label: "Ref-ZZZ", insight: "b" }],
    reliability: { K7M: 0.8, "Reference B2X": 0.3, "__proto__": 1, "Ref-ZZZ": 1 },
  }));
  assert.deepEqual(analysis.unique_insights, [{ label: "Ref-K7M", insight: "a" }]);
  assert.deepEqual(analysis.reliability, { "Ref-K7M": 0.8, "Ref-B2X": 0.3 });
});

Deno.test("parseAnalysis() holds scores to 0 to 1 and sizes to their caps", () => {
  const analysis = analysisOf(
    JSON.stringify({
      consensus: Array.from({ length: 100 }, (_, at) => `claim ${at} ${"x".repeat(3000)}`).slice(
        0,
        10,
      ),
      blind_spots: Array.from({ length: 100 }, (_, at) => `spot ${at}`),
      reliability: { "Ref-K7M": 7, "Ref-B2X": -1 },
    }).slice(0, 32_000),
  );
  assert.ok(analysis.consensus.every((claim) => claim.length <= 1000));
  assert.ok(analysis.blind_spots.length <= 16);
  assert.ok(Object.values(analysis.reliability).every((value) => value >= 0 && value <= 1));
});

for (
  const [what, reply, fault] of [
    ["no JSON", "I cannot do that.", /no JSON object/],
    ["an empty reply", "", /no JSON object/],
    ["another object", `{"answer": 5}`, /with the keys consensus/],
    ["a list", `["consensus"]`, /no JSON object/],
    ["no finding", `{"consensus": [], "reliability": {"Ref-ZZZ": 1}}`, /no finding/],
    ["a flood", `{"consensus":["${"x".repeat(40_000)}"]}`, /longer than/],
  ] as const
) {
  Deno.test(`parseAnalysis() words its fault for ${what}`, () =>
    assert.match(faultOf(reply), fault));
}

Deno.test("relabel() translates labels in fields and in prose, in one pass", () => {
  const swapped = relabel(FULL, new Map([["Ref-K7M", "Ref-B2X"], ["Ref-B2X", "Ref-K7M"]]));
  assert.equal(swapped.consensus[0], "Ref-B2X and Ref-K7M agree on Rayleigh scattering");
  assert.deepEqual(swapped.reliability, { "Ref-B2X": 0.9, "Ref-K7M": 0.4 });
  assert.deepEqual(swapped.contradictions[0]!.positions[0]!.labels, ["Ref-B2X"]);
});

Deno.test("mergeAnalyses() unites findings and averages scores", () => {
  const merged = mergeAnalyses(FULL, {
    ...FULL,
    consensus: ["ref-k7m and Ref-B2X agree on Rayleigh scattering.", "Blue is short."],
    reliability: { "Ref-K7M": 0.5 },
    strongest_objection: "",
  });
  assert.deepEqual(merged.consensus, [FULL.consensus[0], "Blue is short."]);
  assert.equal(merged.contradictions.length, 1);
  assert.deepEqual(merged.reliability, { "Ref-K7M": 0.7, "Ref-B2X": 0.4 });
  assert.equal(merged.strongest_objection, FULL.strongest_objection);
});

Deno.test("positionShift() is the mean change of a score between two orders", () => {
  assert.equal(positionShift(FULL, FULL), 0);
  const other = { ...FULL, reliability: { "Ref-K7M": 0.5, "Ref-B2X": 0.4 } };
  assert.equal(positionShift(FULL, other), 0.2);
  assert.equal(positionShift(FULL, { ...FULL, reliability: {} }), null);
});

Deno.test("reliabilityBySlot() leads from labels to slots", () => {
  const order = [{ slot: 4, label: "Ref-B2X" }, { slot: 2, label: "Ref-K7M" }, {
    slot: 1,
    label: "x",
  }];
  assert.deepEqual(reliabilityBySlot(FULL, order), new Map([[4, 0.4], [2, 0.9]]));
});

Deno.test("analysisJsonSchema is strict: every object closed, every property required", () => {
  const check = (schema: Record<string, unknown>): void => {
    if (schema.type === "array") check(schema.items as Record<string, unknown>);
    if (schema.type !== "object") return;
    const properties = schema.properties as Record<string, Record<string, unknown>>;
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual(schema.required, Object.keys(properties));
    Object.values(properties).forEach(check);
  };
  check(analysisJsonSchema.schema);
});
