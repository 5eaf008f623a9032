/**
 * Agreed calls: the tool calls that a quorum of a panel makes. Two calls are the same where the name
 * is and the arguments are deeply equal as JSON, whatever the order of their keys.
 * @module
 */
import type { ToolCall } from "../openai/tool_calls.ts";

/** One member's answer, as far as it matters here. */
export interface CallingAnswer {
  readonly calls?: readonly ToolCall[];
}

/** The calls that at least `quorum` answers make, in the order in which they were first made. */
export function agreedCalls(
  answers: readonly CallingAnswer[],
  quorum: number,
): readonly ToolCall[] {
  const made = new Map<string, { call: ToolCall; votes: number }>();
  for (const { calls = [] } of answers) {
    for (const [key, call] of byKey(calls)) {
      const known = made.get(key);
      if (known) known.votes++;
      else made.set(key, { call, votes: 1 });
    }
  }
  return [...made.values()].flatMap(({ call, votes }) => votes >= quorum ? [call] : []);
}

/**
 * The calls that `quorum` answers make and nothing beside: no further answer is needed to know
 * what the panel wants.
 */
export function unanimousCalls(
  answers: readonly CallingAnswer[],
  quorum: number,
): readonly ToolCall[] {
  const sets = new Map<string, number>();
  for (const { calls = [] } of answers) {
    if (calls.length === 0) continue;
    const set = [...byKey(calls).keys()].sort().join("\n");
    const votes = (sets.get(set) ?? 0) + 1;
    if (votes >= quorum) return [...byKey(calls).values()];
    sets.set(set, votes);
  }
  return [];
}

function byKey(calls: readonly ToolCall[]): Map<string, ToolCall> {
  const keyed = new Map<string, ToolCall>();
  for (const call of calls) {
    const key = `${call.type} ${call.name} ${comparable(call)}`;
    if (!keyed.has(key)) keyed.set(key, call);
  }
  return keyed;
}

/** Arguments longer than this are compared as they were written. */
const MAX_COMPARED = 65_536;

function comparable({ type, input }: ToolCall): string {
  if (type === "custom" || input.length > MAX_COMPARED) return input;
  try {
    // No arguments at all are written in either way.
    return JSON.stringify(JSON.parse(input.trim() || "{}"), sortedKeys);
  } catch {
    return input.trim();
  }
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
}
