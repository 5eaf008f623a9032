import assert from "node:assert/strict";
import { readReferences } from "../../src/fusion/references.ts";
import type { Message } from "../../src/openai/chat_request.ts";
import { InThreadSystem } from "../support/in_thread_system.ts";
import {
  refuses,
  says,
  type Script,
  ScriptedUpstream,
  type Seen,
} from "../support/scripted_upstream.ts";

const ANSWERS = {
  a: says("Paris is the capital."),
  b: says("It is Paris, on the Seine."),
  c: says("Paris."),
};
const SCRIPTS: Record<string, Script> = {
  ...ANSWERS,
  judge: says('{"consensus":["Paris"],"strongest_objection":"none"}'),
  synth: says("Paris."),
  single: says("Paris, alone."),
};

const HISTORY: Message[] = [
  { role: "system", content: "Answer in rhyme." },
  { role: "user", content: "What is the capital of France?" },
  { role: "assistant", content: "Paris, no chance." },
  { role: "user", content: "And in French?" },
];

function parametersOf({ body }: Seen): Record<string, unknown> {
  const { model: _model, messages: _messages, ...parameters } = body;
  return parameters;
}

Deno.test("startRun() gives the whole conversation, system prompt first, to every stage", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({
    messages: HISTORY,
    aggregator: { layers: 2 },
  });
  assert.equal(upstream.seen.length, 2 * 3 + 2);
  for (const { model, turns } of upstream.seen) {
    assert.deepEqual(turns.slice(0, HISTORY.length), HISTORY, model);
    assert.ok(turns.length <= HISTORY.length + 1, `one turn more at most for ${model}`);
  }
});

Deno.test("startRun() asks the first layer with the conversation alone", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({ messages: HISTORY });
  for (const name of ["a", "b", "c"]) assert.deepEqual(upstream.only(name).turns, HISTORY);
});

Deno.test("startRun() gives judge and synthesizer the panel's answers last, under labels of their own", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({ messages: HISTORY });
  const [judged, synthesized] = ["judge", "synth"].map((name) =>
    readReferences(upstream.only(name).turns.at(-1)!.content)!
  );
  const texts = (references: { text: string }[]) => references.map(({ text }) => text).sort();
  assert.deepEqual(texts(judged!), [
    "It is Paris, on the Seine.",
    "Paris is the capital.",
    "Paris.",
  ]);
  assert.deepEqual(texts(synthesized!), texts(judged!));
  const labels = [...judged!, ...synthesized!].map(({ label }) => label);
  assert.equal(new Set(labels).size, 6);
});

Deno.test("startRun() gives the synthesizer the judge's analysis in the synthesizer's labels", async () => {
  await using upstream = new ScriptedUpstream({
    ...SCRIPTS,
    judge: says(({ turns }) => {
      const [first] = readReferences(turns.at(-1)!.content)!;
      return JSON.stringify({ unique_insights: [{ label: first!.label, insight: first!.text }] });
    }),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ params: { fusion: { trace: true } } });
  const prompt = upstream.only("synth").turns.at(-1)!.content;
  const [, label, insight] = /"label":"([^"]+)","insight":"([^"]+)"/.exec(prompt)!;
  assert.ok(readReferences(prompt)!.some((each) => each.label === label && each.text === insight));
  const { unique_insights: [told] } = outcome.trace.analysis as {
    unique_insights: { label: string }[];
  };
  assert.match(told!.label, /^M[123]$/);
});

Deno.test("startRun() asks the judge for structured output, and for plain text where that is refused", async () => {
  await using upstream = new ScriptedUpstream({
    ...SCRIPTS,
    judge: (seen, count) =>
      "response_format" in seen.body
        ? refuses(400, { error: { message: "response_format is not supported" } })(seen, count)
        : SCRIPTS.judge!(seen, count),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome();
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
  const [first, second] = upstream.of("judge").map(({ body }) => body.response_format);
  assert.equal((first as { type: string }).type, "json_schema");
  assert.equal(second, undefined);
});

Deno.test("startRun() gives a further layer's members the layer before, each in an order of its own", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({ aggregator: { layers: 2 } });
  const labels = ["a", "b", "c"].map((name) => {
    const calls = upstream.of(name);
    assert.equal(calls.length, 2);
    return readReferences(calls[1]!.turns.at(-1)!.content)!.map(({ label }) => label).join();
  });
  assert.equal(new Set(labels).size, 3);
});

Deno.test("startRun() gives the caller's limits and formats to the final call only", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  const params = {
    max_tokens: 7,
    stop: ["END"],
    n: 1,
    response_format: { type: "json_object" },
    logit_bias: { "5": 1 },
    metadata: { own: "thing" },
  };
  await system.outcome({ params });
  assert.deepEqual(parametersOf(upstream.of("synth")[0]!), params);
  for (const name of ["a", "b", "c"]) assert.deepEqual(parametersOf(upstream.only(name)), {});
  assert.equal("max_tokens" in upstream.only("judge").body, false);
  assert.equal("stop" in upstream.only("judge").body, false);
});

Deno.test("startRun() gives the caller's temperature, seed and top_p to panel and synthesis", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  const params = { temperature: 0.3, seed: 11, top_p: 0.9 };
  await system.outcome({ params });
  for (const name of ["a", "b", "c", "synth"]) {
    assert.deepEqual(parametersOf(upstream.only(name)), params, name);
  }
  assert.equal(upstream.only("judge").body.temperature, 0);
});

Deno.test("startRun() gives everything of the caller's to the single model, and nothing else", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  const params = { max_tokens: 7, temperature: 0.1, user: "someone", stop: "END" };
  const outcome = await system.outcome({ route: "single", messages: HISTORY, params });
  assert.deepEqual(upstream.only("single").turns, HISTORY);
  assert.deepEqual(parametersOf(upstream.only("single")), params);
  assert.equal(upstream.seen.length, 1);
  assert.equal(outcome.type === "answered" && outcome.outcome, "single");
});

Deno.test("startRun() never sends Tutti's own fields nor a null upstream", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({
    params: {
      fusion: { trace: true },
      stream: false,
      stream_options: { include_usage: true },
      temperature: null,
      stop: null,
    },
  });
  assert.deepEqual(parametersOf(upstream.only("synth")), {});
});

Deno.test("startRun() under self-MoA asks the first member with temperatures spread", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({ panel: { selfMoa: true, samples: 3 }, params: { seed: 5 } });
  const calls = upstream.of("a");
  assert.deepEqual(calls.map(({ body }) => body.temperature).sort(), [0.5, 0.7, 0.9]);
  assert.deepEqual(calls.map(({ body }) => body.seed).sort(), [5, 6, 7]);
  assert.equal(upstream.of("b").length, 0);
});

Deno.test("startRun() under self-MoA works with a model that takes no temperature", async () => {
  await using upstream = new ScriptedUpstream({
    ...SCRIPTS,
    a: (seen, count) =>
      "temperature" in seen.body
        ? refuses(400, {
          error: {
            message: "Unsupported value: 'temperature' does not support 0.5 with this model.",
            param: "temperature",
            code: "unsupported_value",
          },
        })(seen, count)
        : says("Paris.")(seen, count),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ panel: { selfMoa: true, samples: 3 } });
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
});

Deno.test("startRun() works with a member that refuses the caller's temperature", async () => {
  await using upstream = new ScriptedUpstream({
    ...SCRIPTS,
    b: (seen, count) =>
      "temperature" in seen.body
        ? refuses(400, { error: { message: "temperature is not supported" } })(seen, count)
        : says("Paris.")(seen, count),
  });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ panel: { minQuorum: 3 }, params: { temperature: 0.2 } });
  assert.equal(outcome.type === "answered" && outcome.outcome, "fused");
});

Deno.test("startRun() gives a member its own system prompt, temperature and max_tokens", async () => {
  await using upstream = new ScriptedUpstream(SCRIPTS);
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({
    messages: HISTORY,
    params: { temperature: 0.2, max_tokens: 5 },
    members: [
      "a",
      { model: "b", system: "You are a poet.", temperature: 1.1, maxTokens: 900 },
      "c",
    ],
  });
  const { turns, body } = upstream.only("b");
  assert.deepEqual(turns, [{ role: "system", content: "You are a poet." }, ...HISTORY]);
  assert.deepEqual([body.temperature, body.max_tokens], [1.1, 900]);
  assert.deepEqual(upstream.only("a").turns, HISTORY);
  for (const name of ["judge", "synth"]) {
    assert.equal(JSON.stringify(upstream.only(name).body).includes("poet"), false, name);
  }
});

Deno.test("startRun() sends the key to its upstream, and says it nowhere else", async () => {
  await using upstream = new ScriptedUpstream({ "*": refuses(401) });
  await using system = new InThreadSystem(upstream.baseUrl, { key: "sk-very-secret" });
  const outcome = await system.outcome();
  for (const { headers } of upstream.seen) {
    assert.equal(headers.get("authorization"), "Bearer sk-very-secret");
  }
  assert.doesNotMatch(JSON.stringify(outcome), /very-secret|secret upstream words/);
});

Deno.test("startRun() lets the classifier see what the last message refers to", async () => {
  await using upstream = new ScriptedUpstream({ ...SCRIPTS, router: says("0.9") });
  await using system = new InThreadSystem(upstream.baseUrl);
  await system.outcome({
    messages: HISTORY,
    route: "classify",
    router: { classifierModel: { id: "router", backend: "up", model: "router" } },
  });
  const { turns } = upstream.only("router");
  assert.equal(turns.length, 1);
  assert.match(turns[0]!.content, /capital of France[^]*And in French\?/);
});

Deno.test("startRun() asks the classifier with a limit on its tokens, and obeys its score", async () => {
  await using upstream = new ScriptedUpstream({ ...SCRIPTS, single: says("2 out of 10") });
  await using system = new InThreadSystem(upstream.baseUrl);
  const outcome = await system.outcome({ route: "classify" });
  const [asked, answered] = upstream.of("single");
  assert.equal(asked!.body.max_tokens, 48);
  assert.equal(answered!.turns.length, 1);
  assert.equal(outcome.route, "single");
  assert.deepEqual(outcome.trace.router, { score: 0.2, decision: "single" });
});
