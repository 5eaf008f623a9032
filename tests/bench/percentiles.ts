/**
 * Percentiles of a list of samples, by the nearest rank.
 * @module
 */

/** The smallest sample that at least `percent` of all samples do not exceed; NaN of none. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)] ?? NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}
