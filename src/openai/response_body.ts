/**
 * Response body: the response object, as it is sent whole and inside a stream's events. Pure.
 * Source: OpenAI API reference, "The response object".
 * @module
 */
import type { OutputItem } from "./response_items.ts";
import type { ResponsesRequest } from "./responses_request.ts";
import type { UsageBody } from "./usage_body.ts";

export interface ResponseHead {
  /** `resp_…` */
  readonly id: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  readonly request: ResponsesRequest;
}

/** What the response has come to. */
export interface ResponseState {
  readonly status: "in_progress" | "completed" | "incomplete" | "failed";
  readonly output: readonly OutputItem[];
  /** Why it is incomplete. */
  readonly incompleteReason?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly fusion?: unknown };
  readonly usage?: UsageBody;
  readonly serviceTier?: string;
  /** Epoch seconds. */
  readonly completedAt?: number;
  /** The trace, where one was asked for. */
  readonly fusion?: unknown;
}

export function responseBody({ id, createdAt, request }: ResponseHead, state: ResponseState) {
  const { status, output, incompleteReason: reason, usage, fusion } = state;
  const { text, reasoning } = request;
  return {
    id,
    object: "response",
    created_at: createdAt,
    status,
    background: false,
    completed_at: state.completedAt ?? null,
    error: state.error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    model: request.model,
    output,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    reasoning: { effort: null, summary: null, ...reasoning },
    service_tier: state.serviceTier ?? request["service_tier"] ?? null,
    store: request.store ?? false,
    temperature: request.temperature ?? null,
    text: { ...text, format: text?.format ?? { type: "text" } },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? null,
    truncation: "disabled",
    usage: usage === undefined ? null : responseUsage(usage),
    user: request["user"] ?? null,
    metadata: request.metadata ?? {},
    ...(fusion !== undefined && { fusion }),
  };
}
export type ResponseBody = ReturnType<typeof responseBody>;

/** What it means for a response that its answer finished for this reason. */
export function endingOf(
  finishReason: string | null | undefined,
): { readonly status: "completed" } | {
  readonly status: "incomplete";
  readonly incompleteReason: string;
} {
  switch (finishReason) {
    case "length":
      return { status: "incomplete", incompleteReason: "max_output_tokens" };
    case "content_filter":
      return { status: "incomplete", incompleteReason: "content_filter" };
    default:
      return { status: "completed" };
  }
}

function responseUsage(usage: UsageBody) {
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens },
    output_tokens: usage.completion_tokens,
    output_tokens_details: {
      reasoning_tokens: usage.completion_tokens_details.reasoning_tokens,
    },
    total_tokens: usage.total_tokens,
  };
}
