/**
 * Refuses by name what a fused answer cannot honour: what speaks of the very prompt that its model
 * is given, which a fused answer's model is not given as it came. One model alone can honour it.
 * @module
 */
import type { RunRequest } from "../fusion/run_request.ts";
import type { ChatRequest } from "../openai/chat_request.ts";
import { Refused } from "./refusal.ts";

/** By parameter: whether its value asks for anything. */
const UNFUSABLE: Readonly<Record<string, (value: unknown) => boolean>> = {
  /** vLLM: the answer goes on where the last message ends. */
  continue_final_message: (value) => value === true,
  add_generation_prompt: (value) => value === false,
  /** vLLM, llama.cpp: the prompt comes back with the answer. */
  echo: (value) => value === true,
  prompt_logprobs: (value) => value !== null && value !== undefined && value !== false,
};

/** @throws {Refused} `invalid_request` that names the parameter */
export function ensureFusable(request: ChatRequest, route: RunRequest["route"]): void {
  if (route === "single") return;
  for (const [name, asks] of Object.entries(UNFUSABLE)) {
    if (asks(request[name])) throw unfusable(name);
  }
  const last = request.messages.length - 1;
  // Mistral, DeepSeek: the same as a flag of the last message.
  if (request.messages[last]?.["prefix"] === true) throw unfusable(`messages[${last}].prefix`);
}

function unfusable(param: string): Refused {
  return new Refused({
    type: "invalid_request",
    message:
      `Cannot honour '${param}' in a fused answer: leave it out, or ask one model with "fusion": {"route": "single"}`,
    param,
    code: "unsupported_parameter",
  });
}
