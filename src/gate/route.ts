/**
 * Decides what a request deserves before any model is asked: one model, the panel, or the
 * profile's classifier, which then chooses between the two inside the run.
 * @module
 */
import type { RouteReason } from "../fusion/outcome.ts";
import type { Profile } from "../fusion/profile.ts";
import type { RunRequest } from "../fusion/run_request.ts";
import type { ChatRequest } from "../openai/chat_request.ts";
import { isBackgroundTask } from "./background.ts";
import { isToolStep, isToolWork } from "../openai/tool_work.ts";

export interface RouteDecision {
  readonly route: RunRequest["route"];
  readonly why: RouteReason;
}

/**
 * A step inside a tool loop never asks the panel: a loop would grow by it at each step. Else the
 * client's own choice wins; a front end's background tasks are not worth a panel; then the tools
 * policy decides, then the router's policy.
 */
export function decideRoute(profile: Profile, request: ChatRequest): RouteDecision {
  const asked = request.fusion?.route;
  if (asked === "single") return { route: "single", why: "asked" };
  if (isToolStep(request.messages)) return { route: "single", why: "tool_step" };
  if (asked !== undefined) return { route: asked, why: "asked" };
  const { background, backgroundRules = [] } = profile.router;
  if (background === "single" && isBackgroundTask(request.messages, backgroundRules)) {
    return { route: "single", why: "background" };
  }
  if (profile.tools.policy === "bypass" && isToolWork(request)) {
    return { route: "single", why: "tools" };
  }
  switch (profile.router.policy) {
    case "always_fuse":
      return { route: "fuse", why: "policy" };
    case "classifier":
      return { route: "classify", why: "policy" };
    default:
      return profile.router.policy satisfies never;
  }
}
