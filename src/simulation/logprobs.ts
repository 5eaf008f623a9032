/**
 * Logprobs: plausible, made up and the same for the same text.
 * Source: OpenAI API reference, "The chat completion object", `choices[].logprobs`.
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { hashText } from "./rng.ts";

interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

/** Logprobs of some pieces of text, or null where the request asks for none. */
export function logprobsOf(pieces: readonly string[], request: ChatRequest) {
  if (request.logprobs !== true) return null;
  const top = Math.min(Number(request.top_logprobs ?? 0), 20);
  return {
    content: pieces.map((piece) => ({
      ...tokenLogprob(piece, 0),
      top_logprobs: Array.from({ length: top }, (_, rank) => tokenLogprob(piece, rank)),
    })),
    refusal: null,
  };
}

/** The token itself at rank 0, and ever less likely variants of it below. */
function tokenLogprob(piece: string, rank: number): TokenLogprob {
  const token = rank === 0 ? piece : `${piece}${"~".repeat(rank)}`;
  const likely = -(hashText(piece) % 1000) / 2000;
  return {
    token,
    logprob: Math.round((likely - rank) * 10_000) / 10_000,
    bytes: [...new TextEncoder().encode(token)],
  };
}
