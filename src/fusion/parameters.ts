/**
 * Parameters: which parameter of the caller reaches which stage. The final call (synthesis, or the
 * single model) gets every one; the panel those that shape thinking, not those that shape output:
 * a `stop`, a `max_tokens` or a format would starve the answers that the final one is made of.
 *
 * A parameter that is not in the table is somebody's own and goes to the final call alone.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";

/**
 * - `final`: synthesis, or the single model. Never left out, whatever the upstream says to it.
 * - `panel`: the members, too, as far as their models take it.
 * - `every`: router and judge as well.
 * - `panel_tools`: the members under the tools policy `first_call`.
 * - `gateway`: read here; what goes upstream in its place is ours.
 */
export type Reach = "final" | "panel" | "every" | "panel_tools" | "gateway";

export const PARAMETER_REACH: Readonly<Record<string, Reach>> = {
  model: "gateway",
  messages: "gateway",
  stream: "gateway",
  stream_options: "gateway",
  fusion: "gateway",

  user: "every",
  safety_identifier: "every",

  temperature: "panel",
  top_p: "panel",
  seed: "panel",
  reasoning_effort: "panel",
  verbosity: "panel",
  prompt_cache_key: "panel",

  tools: "panel_tools",
  tool_choice: "panel_tools",
  parallel_tool_calls: "panel_tools",
  functions: "panel_tools",
  function_call: "panel_tools",

  n: "final",
  stop: "final",
  max_tokens: "final",
  max_completion_tokens: "final",
  response_format: "final",
  logprobs: "final",
  top_logprobs: "final",
  logit_bias: "final",
  presence_penalty: "final",
  frequency_penalty: "final",
  prediction: "final",
  modalities: "final",
  audio: "final",
  web_search_options: "final",
  service_tier: "final",
  store: "final",
  metadata: "final",
  prompt_cache_retention: "final",
};

export type Parameters = Readonly<Record<string, unknown>>;

/** Everything that is not the gateway's; of `stream_options` what is not. */
export function finalParameters(request: ChatRequest): Parameters {
  const params = picked(request, (name) => reachOf(name) !== "gateway");
  const { include_usage: _ours, ...wished } = request.stream_options ?? {};
  return request.stream === true && Object.keys(wished).length > 0
    ? { ...params, stream_options: wished }
    : params;
}

export function panelParameters(request: ChatRequest): Parameters {
  return picked(request, (name) => reachOf(name) === "panel" || reachOf(name) === "every");
}

/** What lets a panel member call tools itself. */
export function toolParameters(request: ChatRequest): Parameters {
  return picked(request, (name) => reachOf(name) === "panel_tools");
}

/** Whom the request is made for: goes with every call that is made for it. */
export function identityParameters(request: ChatRequest): Parameters {
  return picked(request, (name) => reachOf(name) === "every");
}

function reachOf(name: string): Reach {
  return Object.hasOwn(PARAMETER_REACH, name) ? PARAMETER_REACH[name]! : "final";
}

function picked(request: ChatRequest, isWanted: (name: string) => boolean): Parameters {
  return Object.fromEntries(
    Object.entries(request).filter(([name, value]) =>
      value !== null && value !== undefined && isWanted(name)
    ),
  );
}
