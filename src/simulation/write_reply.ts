/**
 * Write reply: what a model says to a chat request: the prompt's stage and the parameters decide who
 * writes, and `stop` and the token limit where it ends.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { writeAnswer } from "./answer.ts";
import type { Behaviour } from "./behaviour.ts";
import { readConversation } from "./conversation.ts";
import { scoreDifficulty } from "./difficulty_answer.ts";
import { chooseReference, fillerAnalysis, judgeReferences } from "./judge_answer.ts";
import type { ReplyChoice } from "./reply.ts";
import type { Rng } from "./rng.ts";
import { fitSchema } from "./schema_value.ts";
import type { Model } from "./simulated_model.ts";
import type { Stage } from "./stage.ts";
import { synthesizeAnswer } from "./synthesis_answer.ts";
import { cutToTokens } from "./tokens.ts";
import { chooseCalls, reportResults, type WantedCall } from "./tool_answer.ts";

export interface Writer {
  readonly model: Model;
  readonly stage: Stage;
  readonly rng: Rng;
  /** What a script wants said instead. */
  readonly behaviour: Behaviour;
}

/** One choice of the answer. Called `n` times for `n` choices, with a generator of its own each. */
export function writeChoice(request: ChatRequest, writer: Writer): ReplyChoice {
  const { behaviour, model, rng } = writer;
  const scripted = behaviour.toolCalls;
  const content = behaviour.answer;
  const calls = scripted ?? (content === undefined ? callsOf(request, writer) : [])
    .map((call) => ({ id: `call_${callCode(rng)}`, ...call }));
  const reasoning = behaviour.reasoning ?? (model.reasoning ? reasonAbout(writer) : "");
  if (calls.length > 0) {
    return {
      reasoning,
      content: content ?? null,
      toolCalls: calls,
      finishReason: behaviour.finishReason ?? "tool_calls",
    };
  }
  const text = content === undefined ? writeText(request, writer) : content;
  const limited = limitText(text ?? "", request);
  return {
    reasoning,
    content: text === null ? null : limited.text,
    toolCalls: [],
    finishReason: behaviour.finishReason ?? limited.finishReason,
  };
}

function callsOf(request: ChatRequest, { model, stage }: Writer): WantedCall[] {
  if (!request.tools?.length || model.filler !== undefined) return [];
  if (stage.stage !== "answer" && stage.stage !== "synthesis") return [];
  const conversation = readConversation(request.messages);
  return chooseCalls(
    request,
    stage.stage === "synthesis" ? { ...conversation, question: stage.question } : conversation,
  );
}

function writeText(request: ChatRequest, writer: Writer): string {
  const { stage, model } = writer;
  switch (stage.stage) {
    case "router":
      return scoreDifficulty(stage.question);
    case "judge":
      return JSON.stringify(
        model.filler === undefined
          ? judgeReferences(stage.references, stage.question)
          : fillerAnalysis(model.filler),
      );
    case "select":
      return chooseReference(stage.references);
    case "synthesis":
    case "refine":
    case "answer": {
      const text = model.filler ?? writeProse(request, writer);
      return structured(request, text) ?? text;
    }
    default:
      return stage satisfies never;
  }
}

function writeProse(request: ChatRequest, { stage, model, rng }: Writer): string {
  if (stage.stage === "synthesis" || stage.stage === "refine") {
    return synthesizeAnswer(stage.references, stage.analysis);
  }
  const conversation = readConversation(request.messages);
  return conversation.toolResults.length > 0
    ? reportResults(conversation.toolResults)
    : writeAnswer(conversation, model.persona, rng);
}

/** The text as the JSON that `response_format` asks for, or null where it asks for none. */
function structured(request: ChatRequest, text: string): string | null {
  // deno-lint-ignore no-explicit-any -- the format is the caller's
  const format = request.response_format as any;
  switch (format?.type) {
    case "json_object":
      return JSON.stringify({ answer: text, simulated: true });
    case "json_schema":
      return JSON.stringify(fitSchema(format.json_schema?.schema, { text }));
    default:
      return null;
  }
}

function reasonAbout({ stage }: Writer): string {
  return `The task here is: ${stage.stage}. First the question, then what is known, then the wording.`;
}

/** Ends a text at the first `stop`, then at the token limit. */
function limitText(text: string, request: ChatRequest): { text: string; finishReason: string } {
  const stops = typeof request.stop === "string" ? [request.stop] : request.stop ?? [];
  const ends = stops.filter(Boolean).map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  const stopped = ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const cut = limit === Infinity ? stopped : cutToTokens(stopped, limit);
  return { text: cut, finishReason: cut.length < stopped.length ? "length" : "stop" };
}

const callCode = (rng: Rng): string =>
  Array.from({ length: 4 }, () => Math.floor(rng.next() * 0x10000).toString(16).padStart(4, "0"))
    .join("");
