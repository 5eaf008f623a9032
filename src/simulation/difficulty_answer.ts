/**
 * Difficulty answer: the score that a simulated classifier gives a question.
 * @module
 */
import { findSum } from "./knowledge.ts";

/** 0 to 1, two decimals: short lookups are easy; reasons, comparisons, proofs and length are not. */
export function scoreDifficulty(question: string): string {
  if (findSum(question) && question.length < 60) return "0.05";
  const length = Math.min(question.length / 600, 0.4);
  const reasons = question.match(hardWords)?.length ?? 0;
  return Math.min(0.98, 0.15 + length + 0.25 * Math.min(reasons, 3)).toFixed(2);
}

const hardWords =
  /\b(why|how|compare|prove|derive|design|explain|trade-?offs?|should|versus|vs|analy[sz]e|optimi[sz]e|debug)\b/gi;
