/**
 * Quirks: what a strict upstream does not take, learned from its 400 and remembered for each model.
 * A parameter is left out only where the call says that it may be: one that the caller asked for
 * is never dropped in silence.
 * @module
 */

/** Parameters that are not sent, and those sent under another name. */
export interface Quirks {
  readonly drop: ReadonlySet<string>;
  readonly rename: ReadonlyMap<string, string>;
}

export const NO_QUIRKS: Quirks = { drop: new Set(), rename: new Map() };

export function applyQuirks(
  params: Readonly<Record<string, unknown>>,
  { drop, rename }: Quirks,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (!drop.has(name)) kept[rename.get(name) ?? name] = value;
  }
  return kept;
}

/**
 * What an error object of a 400 or 422 teaches about `params`, or null when it teaches nothing new.
 * Source: the wordings of OpenAI ("Unsupported parameter: 'max_tokens' … Use 'max_completion_tokens'
 * instead"), vLLM, llama.cpp and hosted gateways.
 */
export function learnQuirks(
  known: Quirks,
  error: { readonly param?: unknown; readonly message?: unknown },
  { params, droppable }: {
    params: Readonly<Record<string, unknown>>;
    droppable: ReadonlySet<string>;
  },
): Quirks | null {
  const message = typeof error.message === "string" ? error.message.slice(0, 2_000) : "";
  const named = (name: string) =>
    error.param === name || (REFUSAL.test(message) && mentions(message, name));
  if (
    "max_tokens" in params && !known.rename.has("max_tokens") && named("max_tokens") &&
    mentions(message, "max_completion_tokens")
  ) {
    return {
      ...known,
      rename: new Map(known.rename).set("max_tokens", "max_completion_tokens"),
    };
  }
  for (const name of Object.keys(params)) {
    if (droppable.has(name) && !known.drop.has(name) && named(name)) {
      return { ...known, drop: new Set(known.drop).add(name) };
    }
  }
  return null;
}

const REFUSAL =
  /unsupported|not supported|does not support|unknown|unrecognized|unexpected|not permitted|not allowed|extra (?:inputs|fields)|only the default|deprecated/i;

function mentions(message: string, name: string): boolean {
  const at = message.indexOf(name);
  const after = message[at + name.length];
  return at >= 0 && (after === undefined || !/[a-z_]/.test(after));
}
