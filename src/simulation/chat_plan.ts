/**
 * Chat plan: how one chat request is answered: refused, spoiled by a fault, scripted, or with a plain
 * completion, streamed or not. Decides everything and sends nothing.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { AnswerFormat } from "./answer_format.ts";
import type { Behaviour } from "./behaviour.ts";
import { completionBody } from "./completion_body.ts";
import { behaviourOf, drawFault, spoil } from "./faults.ts";
import { drawFirstTokenMs, writingMs } from "./latency.ts";
import { errorPlan, JSON_HEADERS, type Plan, STREAM_HEADERS } from "./plan.ts";
import type { OpenRecord } from "./recorder.ts";
import { refusalOf } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import { seededRng } from "./rng.ts";
import { scriptedPlan } from "./scripted_plan.ts";
import type { Model } from "./simulated_model.ts";
import { recognizeStage } from "./stage.ts";
import { streamParts } from "./stream_parts.ts";
import { countPromptTokens, countTokens } from "./tokens.ts";
import { type SimulatedUsage, usageOf } from "./usage.ts";
import { writeChoice } from "./write_reply.ts";

export interface ChatContext {
  readonly model: Model;
  /** The simulation's seed. */
  readonly seed: number;
  /** The request's number at this model. */
  readonly number: number;
  readonly record: OpenRecord;
  /** What a script says of the request; undefined leaves it to the model. */
  readonly scripted: Behaviour | undefined;
}

const chatFormat: AnswerFormat = { complete: completionBody, stream: streamParts };

export function planChat(
  request: ChatRequest,
  context: ChatContext,
  format: AnswerFormat = chatFormat,
): Plan {
  const { model, record, scripted } = context;
  const chance = seededRng(context.seed, model.name, context.number, "chance");
  const refusal = refusalOf(request, model);
  const drawn = drawFault(model, chance);
  const fault = scripted ? scripted.fault ?? null : refusal ? null : drawn;
  const behaviour = { ...behaviourOf(fault, model, chance), ...scripted };
  const direct = scriptedPlan(behaviour);
  record.fault = fault ?? undefined;
  if (direct) return direct;
  if (refusal) return { ...errorPlan(400, refusal), ...timesOf(behaviour) };

  const stage = recognizeStage(request.messages);
  record.stage = stage.stage;
  const choices = Array.from({ length: request.n ?? 1 }, (_, index) => {
    const rng = seededRng(context.seed, model.name, wordingKey(request, context), index);
    return writeChoice(request, { model, stage, rng, behaviour });
  });
  const reply: Reply = {
    id: `chatcmpl-sim-${record.number}`,
    created: Math.floor(record.at / 1_000),
    model: request.model,
    choices,
  };
  const usage = usageFor(request, reply, { model, behaviour });
  record.usage = usage ?? undefined;
  const firstTokenMs = drawFirstTokenMs(model, chance);
  const answering = { request, usage, model, behaviour, firstTokenMs, format };
  const plan = request.stream === true
    ? streamedPlan(reply, answering)
    : completePlan(reply, answering);
  return spoil(plan, fault, { model, rng: chance });
}

/** A request with a seed, or at temperature 0, gets the same words each time it is sent. */
function wordingKey(request: ChatRequest, context: ChatContext): string {
  if (typeof request.seed === "number") return `seed ${request.seed}`;
  return request.temperature === 0 ? "greedy" : String(context.number);
}

interface Answering {
  readonly request: ChatRequest;
  readonly usage: SimulatedUsage | null;
  readonly model: Model;
  readonly behaviour: Behaviour;
  readonly firstTokenMs: number;
  readonly format: AnswerFormat;
}

/** Headers at once, then the events in their own time. */
function streamedPlan(reply: Reply, answering: Answering): Plan {
  const { request, usage, model, behaviour, firstTokenMs, format } = answering;
  const { chunkMs } = behaviour;
  return {
    status: 200,
    headers: { ...STREAM_HEADERS, ...behaviour.headers },
    parts: format.stream(reply, {
      request,
      usage,
      firstTokenMs: chunkMs ?? firstTokenMs,
      writingMs: (tokens) => chunkMs ?? writingMs(model, tokens),
    }),
    ...timesOf(behaviour),
  };
}

/** Headers and body together, once the whole answer would have been written. */
function completePlan(reply: Reply, answering: Answering): Plan {
  const { request, usage, model, behaviour, firstTokenMs, format } = answering;
  const bytes = format.complete(reply, { request, usage });
  return {
    status: 200,
    headers: { ...JSON_HEADERS, ...behaviour.headers },
    parts: [{ bytes, afterMs: 0, tellsUsage: usage !== null }],
    delayMs: firstTokenMs + writingMs(model, countCompletion(reply).completion),
    ...timesOf(behaviour),
  };
}

/** When the answer comes, and how far it gets. */
function timesOf(behaviour: Behaviour): Pick<Plan, "delayMs" | "until" | "hang" | "cutAfterBytes"> {
  const { delayMs, until, hang, cutAfterBytes } = behaviour;
  return { ...(delayMs === undefined ? {} : { delayMs }), until, hang, cutAfterBytes };
}

function usageFor(
  request: ChatRequest,
  reply: Reply,
  { model, behaviour }: { model: Model; behaviour: Behaviour },
): SimulatedUsage | null {
  if (behaviour.usage === null) return null;
  if (behaviour.usage) return usageOf(behaviour.usage);
  const prompt = countPromptTokens(request.messages);
  return usageOf({
    prompt,
    cached: Math.floor(prompt * model.cachedShare),
    ...countCompletion(reply),
  });
}

function countCompletion(reply: Reply): { completion: number; reasoning: number } {
  let completion = 0;
  let reasoning = 0;
  for (const choice of reply.choices) {
    reasoning += countTokens(choice.reasoning);
    completion += countTokens(choice.content ?? "");
    for (const call of choice.toolCalls) completion += countTokens(call.name + call.arguments);
  }
  return { completion: completion + reasoning, reasoning };
}
