/**
 * Nearest key: which known key a mistyped one was meant to be.
 * @module
 */

/**
 * The known keys nearest to a typed one: those at the smallest edit distance if it is a third of
 * the word or less (one edit is always near), else those that contain it or are contained in it
 * (`quorum`, `base_url_v1`). More than one where they tie, none where nothing is near.
 */
export function nearestKeys(typed: string, known: readonly string[]): readonly string[] {
  const distances = known.map((key) => editDistance(typed, key));
  const least = Math.min(...distances);
  if (least <= Math.max(1, Math.min(3, Math.floor(typed.length / 3)))) {
    return known.filter((_, index) => distances[index] === least);
  }
  if (typed.length < 4) return [];
  return known.filter((key) => key.includes(typed) || typed.includes(key));
}

/**
 * Edits (insert, delete, replace, swap two neighbours) between two words: the optimal string
 * alignment distance. Words longer than any key are not compared.
 */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, replace);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, beforeLast[column - 2]! + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
