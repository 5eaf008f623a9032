/**
 * Filler: text of a fixed size for load tests, made once per model and size.
 * @module
 */
import { seededRng } from "./rng.ts";

/** Exactly `bytes` ASCII characters in sentences; two seeds give different texts. */
export function fillerText(seed: string, bytes: number): string {
  const rng = seededRng("filler", seed);
  let text = "";
  while (text.length < bytes) {
    const words = Array.from(
      { length: 8 + Math.floor(rng.next() * 8) },
      () => rng.pick(vocabulary),
    );
    text += `${words.join(" ")}. `;
  }
  return text.slice(0, bytes);
}

const vocabulary: [string, ...string[]] = [
  "amber",
  "balance",
  "carries",
  "deeper",
  "evening",
  "follows",
  "garden",
  "harbour",
  "inward",
  "journey",
  "kindles",
  "lantern",
  "measure",
  "northern",
  "orchard",
  "patient",
  "quiet",
  "river",
  "slowly",
  "timber",
  "under",
  "valley",
  "weather",
  "yonder",
];
