/**
 * Analysis reply: finds the JSON object in what a judge wrote, which may stand in a code fence, behind
 * reasoning, have trailing commas, or be cut off.
 * @module
 */
import { jsonrepair } from "jsonrepair";

/** jsonrepair is linear to here (30 ms at worst, measured on adversarial text), quadratic far above. */
const MAX_REPLY = 32_768;
const MAX_DEPTH = 24;

/** The first JSON object of a reply that has one of `keys`, or what is wrong with the reply. */
export function readObject(
  reply: string,
  keys: readonly string[],
): Record<string, unknown> | string {
  const thought = reply.lastIndexOf("</think>");
  const said = thought < 0 ? reply : reply.slice(thought + "</think>".length);
  if (said.length > MAX_REPLY) return `the reply is longer than ${MAX_REPLY} characters`;
  const start = said.indexOf("{");
  if (start < 0) return "the reply holds no JSON object";
  const lastLine = said.lastIndexOf("\n{") + 1;
  const candidates = [start, ...(lastLine > start ? [lastLine] : [])].map((from) => {
    const end = said.lastIndexOf("}") + 1;
    // A reply that was cut off has more braces open than closed; its last finding counts, too.
    const isWhole = end > from && bracesOf(said.slice(from, end)).open <= 0;
    return said.slice(from, isWhole ? end : undefined);
  });
  for (const read of [JSON.parse, repaired]) {
    for (const candidate of candidates) {
      const value = attempt(() => read(candidate));
      if (isRecord(value) && keys.some((key) => Object.hasOwn(value, key))) return value;
    }
  }
  return `the reply holds no JSON object with the keys ${keys.join(", ")}`;
}

function repaired(json: string): unknown {
  return bracesOf(json).deepest > MAX_DEPTH ? null : JSON.parse(jsonrepair(json));
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return null;
  }
}

/** How deep braces nest and how many stay open, those in strings included. */
function bracesOf(json: string): { open: number; deepest: number } {
  let open = 0;
  let deepest = 0;
  for (const sign of json.match(/[[\]{}]/g) ?? []) {
    open += sign === "[" || sign === "{" ? 1 : -1;
    deepest = Math.max(deepest, open);
  }
  return { open, deepest };
}

/** Whether a value is a plain object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
