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
    /** `judge` writes an analysis, `select` names one label. */
    readonly stage: "judge" | "select" | "synthesis" | "refine";
    /** What the caller had asked. */
    readonly question: string;
    readonly references: readonly Reference[];
    /** The judge's JSON, where the prompt holds one. */
    readonly analysis?: unknown;
  };

export function recognizeStage(messages: readonly Message[]): Stage {
  const turns = messages.filter((message) => message.role === "user").map(messageText);
  const at = turns.findLastIndex((turn) => turn.includes(FENCE_END));
  const prompt = turns[at];
  if (prompt === undefined) return routerOrAnswer(turns);
  const references = readReferences(prompt);
  if (!references) return { stage: "answer" };
  const task = [prompt.slice(prompt.lastIndexOf(FENCE_END)), ...turns.slice(at + 1)].join("\n");
  const question = beforeTask(prompt.slice(0, prompt.indexOf("<ref-")), turns.slice(0, at + 1));
  const stage = stageOf(task);
  return stage === "synthesis"
    ? { stage, question, references, analysis: findAnalysis(task) }
    : { stage, question, references };
}

const FENCE_END = "</ref-";

/** What the text behind the references wants done with them. */
function stageOf(task: string): "judge" | "select" | "synthesis" | "refine" {
  if (/\bjudge's analysis\b/i.test(task)) return "synthesis";
  if (/\blabel only\b|\bonly (its|the|one) label\b/i.test(task)) return "select";
  if (/\bJSON\b/.test(task) && /\bconsensus\b/i.test(task)) return "judge";
  return /\b(own, better|better|improved?|refined?) answer\b/i.test(task) ? "refine" : "synthesis";
}

function routerOrAnswer(turns: readonly string[]): Stage {
  const prompt = turns.at(-1) ?? "";
  return asksForScore(prompt.slice(-TASK_CHARS))
    ? { stage: "router", question: lastSaid(beforeTask(prompt, turns)) }
    : { stage: "answer" };
}

/** Longer than this no gateway's own task is. */
const TASK_CHARS = 800;

const asksForScore = (task: string): boolean =>
  /\b(not answer|difficulty|how (hard|difficult))\b/i.test(task) &&
  /\b0(\.0+)?\b[^]{1,300}\b1(\.0+)?\b/.test(task) && /\b(number|score)\b/i.test(task);

/** What was asked before the gateway's own last paragraph: in the same turn or in the one before. */
function beforeTask(prompt: string, turns: readonly string[]): string {
  const paragraphs = prompt.trimEnd().split(/\n{2,}/);
  const before = paragraphs.slice(0, -1).join("\n\n").trim();
  return before || (turns.at(-2) ?? prompt);
}

/** The last user turn of a conversation that is written down as text; any other text as it is. */
function lastSaid(text: string): string {
  const written = text.replace(/^<conversation>\n|\n<\/conversation>$/g, "");
  const turns = written.split(/\n\n(?=(?:user|assistant): )/);
  return turns.findLast((turn) => turn.startsWith("user: "))?.slice("user: ".length) ?? written;
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
