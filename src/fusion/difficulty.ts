/**
 * Difficulty: reads a classifier's score from what it wrote. What is not clearly a score is null, and
 * the gate then fails open to fuse.
 * @module
 */

/**
 * A difficulty from 0 to 1, or null. Understood: "0.7", ".7", "7/10", "2 out of 10", "70%",
 * `{"score":0.7}`, text around it. Null: negative, above its scale, several that differ, a bare number
 * above 1.
 */
export function parseDifficulty(text: string): number | null {
  if (text.length > MAX_CHARS) return null;
  const found = new Set<number>();
  for (const match of text.matchAll(SCORE)) {
    const value = Number(match[2]);
    const scale = match[3] === "%" ? 100 : match[4] === undefined ? 1 : Number(match[4]);
    const score = value / scale;
    if (match[1] !== "" || !(score >= 0 && score <= 1)) return null;
    found.add(score);
  }
  return found.size === 1 ? [...found][0]! : null;
}

/** A score is a few words; whatever is longer is something else. */
const MAX_CHARS = 4096;
const SCORE =
  /([-−–]?)(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})(?: ?(?:(%)|(?:\/|out of) ?(\d{1,4})(?![\d.])))?/g;
