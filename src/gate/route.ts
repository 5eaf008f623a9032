/**
 * Decides what a request deserves before any model is asked: one model, the panel, or the
 * profile's classifier, which then chooses between the two inside the run.
 * @module
 */
import type { Profile } from "../fusion/profile.ts";
import type { RunRequest } from "../fusion/run_request.ts";
import type { ChatRequest } from "../openai/chat_request.ts";

/** The client's own choice wins, then the tools policy, then the router's policy. */
export function decideRoute(profile: Profile, request: ChatRequest): RunRequest["route"] {
  const asked = request.fusion?.route;
  if (asked !== undefined) return asked;
  if (bypassesPanel(profile.tools.policy) && isToolWork(request)) return "single";
  switch (profile.router.policy) {
    case "always_fuse":
      return "fuse";
    case "classifier":
      return "classify";
    default:
      return profile.router.policy satisfies never;
  }
}

/**
 * Whether tool work goes around the panel under this policy. Every policy does until the panel
 * learns what to do with tools.
 */
function bypassesPanel(policy: Profile["tools"]["policy"]): boolean {
  switch (policy) {
    case "bypass":
    case "advise":
    case "first_call":
      return true;
    default:
      return policy satisfies never;
  }
}

/** Whether the request offers tools or stands in the middle of a tool loop. */
function isToolWork(request: ChatRequest): boolean {
  return isFilledList(request.tools) || isFilledList(request["functions"]) ||
    request.messages.some((message) =>
      message.role === "tool" || message.role === "function" ||
      (message.role === "assistant" &&
        (isFilledList(message["tool_calls"]) || Boolean(message["function_call"])))
    );
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
