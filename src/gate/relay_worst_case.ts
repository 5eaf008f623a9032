/**
 * Relay worst case: the most that a request which is passed through may use, under the assumptions
 * of worst_case.ts. Its body is not ours to understand, so all of it counts as prompt. Pure.
 * @module
 */
import { costUsd } from "../fusion/price.ts";
import type { ModelRef, Price } from "../fusion/profile.ts";
import type { RelayRequest } from "../fusion/relay_request.ts";
import { NO_USAGE } from "../fusion/usage.ts";
import type { JsonObject } from "./read_json_object.ts";
import { ASSUMED_ANSWER_TOKENS, BYTES_PER_TOKEN, type WorstCase } from "./worst_case.ts";

export interface PassedRequest {
  readonly model: ModelRef;
  readonly path: RelayRequest["path"];
  readonly body: JsonObject;
  /** Of the body. */
  readonly bytes: number;
}

/** @param priceOf by the model's configured id */
export function relayWorstCase(
  { model, path, body, bytes }: PassedRequest,
  priceOf: (model: string) => Price | undefined,
): WorstCase {
  const promptTokens = Math.ceil(bytes / BYTES_PER_TOKEN);
  const completionTokens = path === "embeddings" ? 0 : answers(body) * answerTokens(body);
  return {
    tokens: promptTokens + completionTokens,
    costUsd: costUsd({ ...NO_USAGE, promptTokens, completionTokens }, priceOf(model.id)),
  };
}

/** How many are written: `n` or `best_of` of them for each prompt. */
function answers({ n, best_of: bestOf, prompt }: JsonObject): number {
  const prompts = Array.isArray(prompt) && prompt.some((each) => typeof each !== "number")
    ? prompt.length
    : 1;
  return prompts * Math.max(1, countOf(n) ?? 1, countOf(bestOf) ?? 1);
}

function answerTokens({ max_completion_tokens: most, max_tokens: legacy }: JsonObject): number {
  return countOf(most) ?? countOf(legacy) ?? ASSUMED_ANSWER_TOKENS;
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
}
