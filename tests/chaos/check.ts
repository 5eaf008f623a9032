/**
 * Check: one thing that must hold at the end of a run, and what speaks against it.
 * @module
 */

export interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** What was found; where it did not pass, what is wrong. */
  readonly detail: string;
}

const SHOWN = 5;

/** Passes where there is no problem. */
export function check(name: string, problems: readonly string[], found: string): Check {
  if (problems.length === 0) return { name, passed: true, detail: found };
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
  return { name, passed: false, detail: [...problems.slice(0, SHOWN), ...more].join("; ") };
}

/** The names of those pairs that differ. */
export function unequal(
  pairs: Readonly<Record<string, readonly [found: unknown, wanted: unknown]>>,
): string[] {
  return Object.entries(pairs).flatMap(([name, [found, wanted]]) =>
    Object.is(found, wanted) ? [] : [`${name}: ${found}, not ${wanted}`]
  );
}
