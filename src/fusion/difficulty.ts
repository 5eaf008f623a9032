/**
 * Difficulty: reads a classifier's score from what it wrote. What is not clearly one score is null,
 * and the gate then fails open to fuse.
 * @module
 */

/**
 * A difficulty from 0 to 1, or null. Understood: "0.7", ".7", "0,7", "7/10", "2 out of 10", "70%",
 * `{"score":0.7}`, "on a scale of 0 to 10: 7", text around it, reasoning in `<think>` before it.
 * Null: nothing, a negative number, one above its scale, a bare one above 1, several that differ.
 */
export function parseDifficulty(text: string): number | null {
  const said = text.slice(text.lastIndexOf("</think>") + 1);
  if (said.length > MAX_CHARS) return null;
  let scale = 1;
  const stated = said.replace(SCALE, (_, top: string) => {
    scale = Number(top);
    return " ";
  });
  const labelled = LABELLED.exec(stated) !== null;
  const scores = new Set<number>();
  for (const match of stated.matchAll(NUMBER)) {
    const [, sign, digits, percent, outOf] = match;
    const value = Number(digits!.replace(",", "."));
    const own = percent ? 100 : outOf ? Number(outOf) : scale;
    const isBare = !percent && !outOf;
    // A step count beside "Difficulty: 0.7" is no second score.
    if (labelled && isBare && value > 1 && scale === 1 && !isLabelled(stated, match.index)) {
      continue;
    }
    const score = value / own;
    if (sign || !(score >= 0 && score <= 1)) return null;
    scores.add(score);
  }
  return scores.size === 1 ? [...scores][0]! : null;
}

/** A score takes a line; what is longer is something else. */
const MAX_CHARS = 4096;
/** "0 to 10", "1-100", "0.0 – 1.0": a scale that is quoted, not a score. */
const SCALE =
  /(?<![\w.,/])[01](?:\.0{1,3})? ?(?:to|and|through|bis|à|a|-|–|—) ?(1(?:0{1,2})?)(?:\.0{1,3})?(?![\w/%]|\.\d)/g;
const NUMBER =
  /(?<![\w.,])([-−–]?)(\d{1,9}(?:[.,]\d{1,17})?|\.\d{1,17})(?![\w]|[.,]\d)(?: ?(?:(%|percent)|\(?(?:\/|out of|of) ?(\d{1,4})(?![\w]|\.\d)))?/g;
const LABEL = `(?:score|difficulty|rating|complexity)["'*]{0,3}(?: ?(?:is|of|[:=]))?["'* ]{0,4}`;
const LABELLED = new RegExp(`\\b${LABEL}\\d?[.,]?\\d`, "i");
const ENDS_IN_LABEL = new RegExp(`\\b${LABEL}$`, "i");

function isLabelled(text: string, at: number): boolean {
  return ENDS_IN_LABEL.test(text.slice(Math.max(0, at - 40), at));
}
