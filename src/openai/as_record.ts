/**
 * As record: reads a key of what may be anything, without asking at each step.
 * @module
 */

/** The value, where it is an object; else an empty one. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
