/**
 * Stage: what a prompt asks of the model, found out as a model would: by reading it. A gateway's
 * judge, synthesizer, refine layer and router speak through their last user turn; everything else is
 * a question to be answered.
 * @module
 */
import { readReferences } from "../fusion/references.ts";
import { type Message, messageText } from "../openai/chat_request.ts";

export interface Reference {
  readonly label: string;
  readonly text: string;
}

export type Stage =
  | { readonly stage: "answer" }
  | { readonly stage: "router"; readonly question: string }
  | {
    readonly stage: "judge" | "synthesis" | "refine";
    /** What the caller had asked. */
    readonly question: string;
    readonly references: readonly Reference[];
    /** The judge's JSON, where the prompt holds one. */
    readonly analysis?: unknown;
  };

export function recognizeStage(messages: readonly Message[]): Stage {
  const turns = messages.filter((message) => message.role === "user").map(messageText);
  const at = turns.findLastIndex((turn) => turn.includes(FENCE_END));
  const last = turns.at(-1) ?? "";
  if (at < 0) {
    return asksForScore(last) ? { stage: "router", question: beforeTask(last, turns) } : ANSWER;
  }
  const prompt = turns[at] ?? "";
  const references = readReferences(prompt);
  if (!references) return ANSWER;
  const task = [prompt.slice(prompt.lastIndexOf(FENCE_END)), ...turns.slice(at + 1)].join("\n");
  const analysis = findAnalysis(task);
  const question = beforeTask(prompt.slice(0, prompt.indexOf("<ref-")), turns.slice(0, at + 1));
  if (analysis === undefined && asksForAnalysis(task)) {
    return { stage: "judge", question, references };
  }
  const stage = analysis === undefined && asksForBetterAnswer(task) ? "refine" : "synthesis";
  return { stage, question, references, analysis };
}

const ANSWER: Stage = { stage: "answer" };
const FENCE_END = "</ref-";

/** What was asked before the gateway's own last paragraph: in the same turn or in the one before. */
function beforeTask(prompt: string, turns: readonly string[]): string {
  const paragraphs = prompt.trimEnd().split(/\n{2,}/);
  const before = paragraphs.slice(0, -1).join("\n\n").trim();
  return before || (turns.at(-2) ?? prompt);
}

const asksForAnalysis = (task: string): boolean =>
  /\bJSON\b/.test(task) && /\bconsensus\b/i.test(task);

const asksForBetterAnswer = (task: string): boolean =>
  /\b(own, better|better|improved?|refined?) answer\b/i.test(task);

function asksForScore(prompt: string): boolean {
  const task = prompt.slice(-800);
  return /\b(rate|score|difficulty|how (hard|difficult))\b/i.test(task) &&
    /\b0(\.0)?\b[^]{1,80}\b1(\.0)?\b/.test(task) && /\b(number|score|decimal)/i.test(task);
}

/** The first JSON object in the text that is an analysis; a schema or a template of one is not. */
function findAnalysis(text: string): unknown {
  for (const { index } of text.matchAll(/\{\s*"(?:consensus|contradictions|reliability)"/g)) {
    for (let end = text.lastIndexOf("}"); end > index; end = text.lastIndexOf("}", end - 1)) {
      const value = parseJson(text.slice(index, end + 1));
      if (Array.isArray(value?.consensus)) return value;
    }
  }
  return undefined;
}

function parseJson(text: string): { consensus?: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
