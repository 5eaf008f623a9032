/**
 * Refusal: the 400 of a server that does not take a parameter, worded as OpenAI's API and vLLM word
 * theirs, since clients read parameter names and codes out of them.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { ErrorBody } from "../openai/error_body.ts";
import type { Model, Refusal } from "./simulated_model.ts";

export type SimulatedError = ErrorBody["error"] | ServerError;

/** vLLM's `code` is a number. */
interface ServerError {
  readonly message: string;
  readonly type: string;
  readonly param: null;
  readonly code: number;
}

/** What the model refuses of the request, or null. */
export function refusalOf(request: ChatRequest, model: Model): SimulatedError | null {
  for (const refusal of model.refuses) {
    const error = refuse(refusal, request);
    if (error) return error;
  }
  return null;
}

/** An OpenAI `invalid_request_error`. */
export function invalidRequest(
  message: string,
  { param = null, code = null }: { param?: string | null; code?: string | null } = {},
): ErrorBody["error"] {
  return { message, type: "invalid_request_error", param, code };
}

function refuse(refusal: Refusal, request: ChatRequest): SimulatedError | null {
  switch (refusal) {
    case "temperature":
      return isSet(request.temperature) && request.temperature !== 1
        ? unsupportedValue(
          "temperature",
          `does not support ${request.temperature} with this model. Only the default (1) value is supported.`,
        )
        : null;
    case "max_tokens":
      return isSet(request.max_tokens)
        ? unsupportedParameter("max_tokens", " Use 'max_completion_tokens' instead.")
        : null;
    case "tools":
      return request.tools?.length ? unsupportedParameter("tools") : null;
    case "response_format":
      return responseFormat(request);
    case "stream_options":
      return isSet(request.stream_options) ? unknownParameter("stream_options") : null;
    case "unknown": {
      const unknown = Object.keys(request).find((name) => !knownParameters.has(name));
      return unknown === undefined ? null : unknownParameter(unknown);
    }
    case "system":
      return systemRole(request);
    case "alternation":
      return alternates(request) ? null : {
        message: "Conversation roles must alternate user/assistant/user/assistant/...",
        type: "BadRequestError",
        param: null,
        code: 400,
      };
    case "image":
      return imagePart(request);
    default:
      return refusal satisfies never;
  }
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

const unsupportedValue = (param: string, why: string) =>
  invalidRequest(`Unsupported value: '${param}' ${why}`, { param, code: "unsupported_value" });

const unsupportedParameter = (param: string, instead = "") =>
  invalidRequest(`Unsupported parameter: '${param}' is not supported with this model.${instead}`, {
    param,
    code: "unsupported_parameter",
  });

const unknownParameter = (param: string) =>
  invalidRequest(`Unknown parameter: '${param}'.`, { param, code: "unknown_parameter" });

function responseFormat(request: ChatRequest): SimulatedError | null {
  const type = (request.response_format as { type?: unknown } | null | undefined)?.type;
  if (type === undefined || type === "text") return null;
  return invalidRequest(
    `Invalid parameter: 'response_format' of type '${type}' is not supported with this model.`,
    { param: "response_format" },
  );
}

function systemRole(request: ChatRequest): SimulatedError | null {
  const at = request.messages.findIndex(({ role }) => role === "system" || role === "developer");
  const role = request.messages[at]?.role;
  return role === undefined
    ? null
    : unsupportedValue(`messages[${at}].role`, `does not support '${role}' with this model.`);
}

/** One system turn at most, first; then user and assistant in turn. Tool loops are let through. */
function alternates(request: ChatRequest): boolean {
  const roles = request.messages.map(({ role }) => role);
  if (roles.includes("tool")) return true;
  const turns = roles[0] === "system" || roles[0] === "developer" ? roles.slice(1) : roles;
  return turns.every((role, at) => role === (at % 2 === 0 ? "user" : "assistant"));
}

function imagePart(request: ChatRequest): SimulatedError | null {
  for (const [at, { content }] of request.messages.entries()) {
    if (!Array.isArray(content)) continue;
    const part = content.findIndex(({ type }) => type === "image_url");
    if (part >= 0) {
      return invalidRequest(
        "Invalid content type. image_url is only supported by certain models.",
        { param: `messages.[${at}].content.[${part}].type` },
      );
    }
  }
  return null;
}

/** Source: OpenAI API reference, "Create chat completion", request body. */
const knownParameters = new Set([
  "model",
  "messages",
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "metadata",
  "modalities",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_retention",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "seed",
  "service_tier",
  "stop",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "verbosity",
  "web_search_options",
]);
