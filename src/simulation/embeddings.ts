/**
 * Embeddings: a bag of words hashed into a vector, so that texts that share words are near each
 * other.
 * Source: OpenAI API reference, "Create embeddings"; Weinberger et al., Feature Hashing, 2009.
 * @module
 */
import * as z from "zod";
import { jsonPlan, type Plan } from "./plan.ts";
import { hashText } from "./rng.ts";
import { contentWords } from "./sentences.ts";
import { countTokens } from "./tokens.ts";

export const embeddingsRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  dimensions: z.int().min(1).max(4096).optional(),
  encoding_format: z.enum(["float", "base64"]).optional(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequestSchema>;

const DIMENSIONS = 256;

export function planEmbeddings(request: EmbeddingsRequest): Plan {
  const inputs = [request.input].flat();
  const tokens = inputs.reduce((sum, input) => sum + countTokens(input), 0);
  return jsonPlan({
    object: "list",
    model: request.model,
    data: inputs.map((input, index) => {
      const vector = embed(input, request.dimensions ?? DIMENSIONS);
      return {
        object: "embedding",
        index,
        embedding: request.encoding_format === "base64" ? toBase64(vector) : [...vector],
      };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/** A vector of length 1. */
export function embed(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of contentWords(text)) {
    const hash = hashText(word);
    vector[hash % dimensions]! += hash & 0x8000_0000 ? -1 : 1;
  }
  const norm = Math.hypot(...vector);
  if (norm === 0) vector[0] = 1;
  return norm === 0 ? vector : vector.map((value) => value / norm);
}

const toBase64 = (vector: Float32Array): string =>
  btoa(String.fromCharCode(...new Uint8Array(vector.buffer)));
