/**
 * Name edit: a name in its place, and what a rule of self-naming makes of it.
 * @module
 */
import type { NameMatch } from "./model_names.ts";

/** A name and what stands around it. */
export interface Place {
  readonly name: NameMatch;
  /** The last characters before the name, earlier edits applied. */
  readonly before: string;
  /** The first characters behind it. */
  readonly after: string;
  /** How many characters the text has behind the name. */
  readonly rest: number;
  /** The answer has called itself by this name before. */
  readonly own: boolean;
}

/** What happens to a name: it goes, with characters before and behind it, and `put` comes. */
export interface Edit {
  readonly back: number;
  readonly forward: number;
  readonly put: string;
  /** It is the answer's own name, so that it speaks of itself wherever it says it again. */
  readonly namesItself?: boolean;
}

/** One way of naming oneself: the edit that undoes it, or null where it is not that. */
export type Rule = (place: Place) => Edit | null;

/** The name goes and `replacement` comes. */
export function put(replacement: string): Edit {
  return { back: 0, forward: 0, put: replacement };
}
