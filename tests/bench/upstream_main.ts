/**
 * Upstream main: the process of the simulated upstream. Beside the upstream itself it serves, on a
 * port of its own, what the bench steers it by: `PUT /scenario`, `GET /calls` (those served since the
 * last time), `GET /open` and `GET /now`. Both addresses are printed as one line of JSON.
 * @module
 */
import type { Behaviour } from "../../src/simulation/behaviour.ts";
import type { RecordedRequest } from "../../src/simulation/recorded_request.ts";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { preciseNow } from "./precise_clock.ts";
import { type Scenario, type ServedCall, tagOf } from "./scenario.ts";
import { SYNTHESIZER } from "./names.ts";

const ANSWER_BYTES = 1_024;
/** Tokens of a streamed answer. */
const STREAMED_TOKENS = 24;

let scenario: Scenario = { others: { latencyMs: 0 }, record: false };
let calls: ServedCall[] = [];

const simulation = await startSimulation({
  port: Number(Deno.args[0] ?? 0),
  defaults: { answerBytes: ANSWER_BYTES },
  keepRequests: 0,
  script: behave,
  clock: {
    now: preciseNow,
    at: (at, fire) => {
      const timer = setTimeout(fire, Math.max(0, at - preciseNow()));
      return { clear: () => clearTimeout(timer) };
    },
  },
});

simulation.onEnded((record) => {
  if (!scenario.record) return;
  const request = tagOf(JSON.stringify(record.body?.messages));
  if (request === undefined) return;
  calls.push({
    request,
    model: record.model,
    arrivedAt: record.at,
    firstByteAt: record.firstByteAt ?? null,
    endedAt: record.endedAt!,
    endedAs: record.endedAs!,
  });
});

function behave({ model, stream }: RecordedRequest): Behaviour | undefined {
  const { latencyMs, spreadMs = 0 } = scenario.models?.[model] ?? scenario.others;
  const late = latencyMs > 0
    ? { delayMs: latencyMs + spreadMs * (2 * Math.random() - 1) }
    : undefined;
  if (!stream || model !== SYNTHESIZER) return late;
  return { ...late, ...STREAMED, chunks: streamedTokens(), chunkMs: scenario.tokenMs ?? 0 };
}

const STREAMED = { headers: { "content-type": "text/event-stream; charset=utf-8" } };

/** The role comes with the first token, so that the first byte is the first token's. */
function* streamedTokens(): Generator<string> {
  const write = (delta: object, finish: string | null = null) =>
    `data: ${
      JSON.stringify({
        id: "chatcmpl-bench",
        object: "chat.completion.chunk",
        created: 0,
        model: SYNTHESIZER,
        choices: [{ index: 0, delta, finish_reason: finish }],
      })
    }\n\n`;
  yield write({ role: "assistant", content: "amber" });
  for (let token = 1; token < STREAMED_TOKENS; token++) yield write({ content: " river" });
  yield `${write({}, "stop")}data: [DONE]\n\n`;
}

const control = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  async (request) => {
    switch (new URL(request.url).pathname) {
      case "/scenario":
        scenario = await request.json();
        calls = [];
        return new Response();
      case "/calls": {
        const served = calls;
        calls = [];
        return Response.json(served);
      }
      case "/open":
        return Response.json(simulation.totals.open);
      case "/now":
        return Response.json(preciseNow());
      default:
        return new Response(null, { status: 404 });
    }
  },
);

const addresses = {
  url: simulation.url,
  controlUrl: `http://127.0.0.1:${control.addr.port}`,
};
Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(addresses)}\n`));
