/**
 * Tool answer: whether a simulated model calls tools, which ones and with what, and what it says once
 * it has their results. The rule is simple: a tool is called when the last user turn has its name or
 * a word of its description, or when `tool_choice` says so.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { Conversation, ToolResult } from "./conversation.ts";
import { fitSchema } from "./schema_value.ts";
import { contentWords } from "./sentences.ts";

export interface WantedCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The calls that the model makes; none where it writes a text instead. */
export function chooseCalls(request: ChatRequest, conversation: Conversation): WantedCall[] {
  const tools = toolsOf(request);
  const choice = readChoice(request.tool_choice);
  if (tools.length === 0 || choice === "none") return [];
  const { question } = conversation;
  const asked = tools.filter((tool) => asksFor(question, tool));
  const calls = callsFor(choice, { asked, tools, done: conversation.toolResults.length > 0 })
    .flatMap((tool) =>
      argumentsFor(tool, question).map((args) => ({ name: tool.name, arguments: args }))
    );
  return request.parallel_tool_calls === false ? calls.slice(0, 1) : calls;
}

/** What the model says about the results of its calls. */
export function reportResults(results: readonly ToolResult[]): string {
  return results
    .map(({ name, text }) =>
      `According to ${name}: ${text.replace(/\s+/g, " ").trim().slice(0, 400)}.`
    )
    .join(" ");
}

type Choice = "auto" | "none" | "required" | { readonly name: string };

function callsFor(
  choice: Exclude<Choice, "none">,
  from: { asked: readonly Tool[]; tools: readonly Tool[]; done: boolean },
): readonly Tool[] {
  if (typeof choice === "object") return from.tools.filter((tool) => tool.name === choice.name);
  if (choice === "required") return from.asked.length > 0 ? from.asked : from.tools.slice(0, 1);
  return from.done ? [] : from.asked;
}

function readChoice(choice: unknown): Choice {
  if (choice === "none" || choice === "required") return choice;
  const name = asRecord(asRecord(choice).function).name;
  return typeof name === "string" ? { name } : "auto";
}

function toolsOf(request: ChatRequest): Tool[] {
  return (request.tools ?? []).flatMap((tool) => {
    const { name, description, parameters } = asRecord(tool.function);
    if (typeof name !== "string") return [];
    return [{ name, description: String(description ?? ""), parameters: asRecord(parameters) }];
  });
}

function asksFor(question: string, tool: Tool): boolean {
  const words = contentWords(question);
  const named = contentWords(tool.name.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " "));
  const described = [...contentWords(tool.description)].filter((word) => word.length > 4);
  return question.includes(tool.name) ||
    [...named].some((word) => word.length > 3 && words.has(word)) ||
    described.some((word) => words.has(word));
}

/** One call; or, for a tool that takes one text, one call for each thing that the question names. */
function argumentsFor(tool: Tool, question: string): string[] {
  const properties = Object.entries(asRecord(tool.parameters.properties));
  const texts = properties.filter(([, schema]) =>
    asRecord(schema).type === "string" && asRecord(schema).enum === undefined
  );
  const names = namesIn(question);
  const rounds = texts.length === 1 && names.length > 1 ? names.map((name) => [name]) : [names];
  return rounds.map((each) =>
    JSON.stringify(
      fitSchema({ type: "object", ...tool.parameters }, { text: question, names: each }),
    )
  );
}

/** What a question names: quoted texts, else capitalised words that do not open a sentence. */
function namesIn(question: string): string[] {
  const quoted = Array.from(
    question.matchAll(/"([^"]+)"|'([^']{2,})'/g),
    (match) => match[1] ?? match[2]!,
  );
  if (quoted.length > 0) return quoted;
  const capitalised = question.match(
    /(?<=[\p{L}\d,;:)]\s)\p{Lu}[\p{L}\d-]+(?:\s\p{Lu}[\p{L}\d-]+)*/gu,
  );
  return [...new Set(capitalised)];
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
