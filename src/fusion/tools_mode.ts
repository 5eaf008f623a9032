/**
 * Tools mode: what a fused request's tools mean to its panel. `advise`: members are told of the
 * tools and cannot call them. `first_call`: members have them, and a call that a quorum makes is
 * the answer. `none`: there is nothing to call.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { offersTools } from "../openai/tool_work.ts";
import type { Profile } from "./profile.ts";

export type ToolsMode = "none" | "advise" | "first_call";

/** Under `bypass` a request with tools is fused only where it asks to be; it is then advised on. */
export function toolsMode({ tools }: Profile, request: ChatRequest): ToolsMode {
  if (!offersTools(request)) return "none";
  return tools.policy === "first_call" ? "first_call" : "advise";
}

/** What the synthesizer, who has the tools, is told of those who wrote the references. */
export function toolsNote(mode: ToolsMode): string | undefined {
  switch (mode) {
    case "none":
      return undefined;
    case "advise":
      return "You have tools; the references' authors could not call them. Call where that serves better than an answer; never make a result up.";
    case "first_call":
      return "You have tools, as the references' authors had: a tool call in a reference was only proposed, and none has been made. Call where that serves better than an answer; never make a result up.";
    default:
      return mode satisfies never;
  }
}
