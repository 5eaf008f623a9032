/**
 * Answer key: what a short answer comes down to (a choice, a number, a name), so that two answers that
 * say the same are counted as the same vote.
 * @module
 */

/** The normalized short answer, or null where the text is no short answer. */
export function answerKey(text: string): string | null {
  const plain = text.trim().toLowerCase().replace(/[*_`]/g, "").replace(/[.!]+$/, "");
  if (plain === "" || plain.length > 200) return null;
  const numbers = plain.match(/-?\d+(?:\.\d+)?/g);
  if (numbers?.length === 1) return String(Number(numbers[0]));
  return plain;
}
