/**
 * Precise clock: epoch milliseconds with fractions, the same in every process of one machine to
 * within what {@link clockOffset} measures.
 * @module
 */

export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * How far another process's clock is ahead of this one, in milliseconds: the median over the quickest
 * of many questions, each taken to be answered half way.
 */
export async function clockOffset(ask: () => Promise<number>): Promise<number> {
  const samples: { tookMs: number; offsetMs: number }[] = [];
  for (let round = 0; round < 200; round++) {
    const askedAt = preciseNow();
    const theirs = await ask();
    const tookMs = preciseNow() - askedAt;
    samples.push({ tookMs, offsetMs: theirs - (askedAt + tookMs / 2) });
  }
  const quickest = samples.sort((a, b) => a.tookMs - b.tookMs).slice(0, 21);
  return quickest.map(({ offsetMs }) => offsetMs).sort((a, b) => a - b)[10]!;
}
