/**
 * Tool calls: what a model wants called, read from its message in OpenAI's present form or in the
 * legacy one (`function_call`).
 * Source: OpenAI API reference, "Create chat completion", `tools` and `functions`.
 * @module
 */
import { asRecord } from "./as_record.ts";

export interface ToolCall {
  /** As the model named it; some servers leave it out. */
  readonly id?: string | undefined;
  readonly type: "function" | "custom";
  readonly name: string;
  /** JSON text of a function's arguments, or a custom tool's input. */
  readonly input: string;
}

/** The calls of an assistant's message, in order. */
export function readToolCalls(message: Readonly<Record<string, unknown>>): ToolCall[] {
  const { tool_calls: calls, function_call: legacy } = message;
  const listed = Array.isArray(calls) ? calls : [];
  return [...listed, ...(legacy ? [{ function: legacy }] : [])].map(readCall);
}

/** The names that may be called: of `tools` and of the legacy `functions`. */
export function offeredTools(params: Readonly<Record<string, unknown>>): Set<string> {
  const { tools, functions } = params;
  const listed = Array.isArray(tools) ? tools.map(asRecord) : [];
  const legacy = Array.isArray(functions) ? functions : [];
  const named = [...listed.map((tool) => tool.function ?? tool.custom), ...legacy];
  return new Set(
    named.map((each) => asRecord(each).name).filter((name) => typeof name === "string"),
  );
}

/** How a call reads: `get_weather({"city":"Paris"})`. */
export function callText({ name, input }: Pick<ToolCall, "name" | "input">): string {
  return `${name}(${input})`;
}

/** What stands under `arguments`: some servers send the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function readCall(call: unknown): ToolCall {
  const { id, function: called, custom } = asRecord(call);
  const { name, arguments: args, input } = asRecord(called ?? custom);
  return {
    ...(typeof id === "string" && id !== "" ? { id } : {}),
    type: called === undefined && custom !== undefined ? "custom" : "function",
    name: typeof name === "string" ? name : "",
    input: argumentsText(args ?? input),
  };
}
