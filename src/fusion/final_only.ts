/**
 * Final only: what of a request only a final call can honour. A panel answer was written without it
 * and cannot stand in for the final one as it is.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { readFormat } from "../openai/response_format.ts";
import { requiresCall } from "../openai/tool_work.ts";
import type { ToolsMode } from "./tools_mode.ts";

/** Grammars and schemas under other servers' names: vLLM, SGLang, llama.cpp. */
const FORMS_ELSEWHERE = [
  "guided_json",
  "guided_regex",
  "guided_choice",
  "guided_grammar",
  "structured_outputs",
  "regex",
  "ebnf",
  "grammar",
  "json_schema",
];

/** The names of the parameters that say so. */
export function finalOnly(request: ChatRequest, tools: ToolsMode): readonly string[] {
  const { n, logprobs, modalities, logit_bias: bias } = request;
  const names: string[] = [];
  if ((n ?? 1) > 1) names.push("n");
  if (logprobs === true) names.push("logprobs");
  if (readFormat(request)) names.push("response_format");
  if (Array.isArray(modalities) && modalities.includes("audio")) names.push("modalities");
  if (typeof bias === "object" && bias !== null && Object.keys(bias).length > 0) {
    names.push("logit_bias");
  }
  if (tools === "advise") names.push("tools");
  if (tools === "first_call" && requiresCall(request)) names.push("tool_choice");
  return [...names, ...FORMS_ELSEWHERE.filter((name) => isSet(request[name]))];
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null;
