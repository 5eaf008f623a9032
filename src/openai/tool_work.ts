/**
 * Tool work: what a request has to do with tools.
 * @module
 */
import { asRecord } from "./as_record.ts";
import type { ChatRequest, Message } from "./chat_request.ts";
import { offeredTools } from "./tool_calls.ts";
import { hasToolTurns } from "./tool_turns.ts";

/** Whether the answer may be a tool call. */
export function offersTools(request: ChatRequest): boolean {
  const { tool_choice: choice, function_call: legacy } = request;
  return choice !== "none" && legacy !== "none" && offeredTools(request).size > 0;
}

/** Whether the answer must be one, by `tool_choice` or the legacy `function_call`. */
export function requiresCall({ tool_choice: choice, function_call: legacy }: ChatRequest): boolean {
  const { type, allowed_tools: allowed } = asRecord(choice);
  if (type === "allowed_tools") return asRecord(allowed).mode === "required";
  return choice === "required" || isObject(choice) || isObject(legacy);
}

/** Whether the request offers tools, or its conversation has used them. */
export function isToolWork(request: ChatRequest): boolean {
  return isFilledList(request.tools) || isFilledList(request["functions"]) ||
    hasToolTurns(request.messages);
}

/** Whether the request is a step inside a tool loop: its conversation ends with results. */
export function isToolStep(messages: readonly Message[]): boolean {
  const last = messages.findLast(({ role }) => role !== "system" && role !== "developer");
  return last?.role === "tool" || last?.role === "function";
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const isFilledList = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
