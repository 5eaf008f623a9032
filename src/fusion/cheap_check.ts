/**
 * Cheap check: whether a single answer can stand without asking a panel (mode `cascade`). Only faults
 * that show in the text itself; a fluent wrong answer passes.
 * @module
 */

/** Why an answer should not stand alone; null where nothing shows. */
export type CheapFault = "empty" | "cut" | "refused" | "unsure" | "repeats";

/** Checks an answer by its text and the upstream's `finish_reason`. */
export function cheapCheck(
  answer: string,
  options: { readonly finishReason: string | null },
): CheapFault | null {
  const text = answer.trim();
  if (text === "") return "empty";
  if (options.finishReason === "length" || options.finishReason === "content_filter") return "cut";
  if (REFUSED.test(text.slice(0, 300))) return "refused";
  if (UNSURE.test(text.slice(0, 600)) || UNSURE.test(text.slice(-400))) return "unsure";
  return repeats(text) ? "repeats" : null;
}

const REFUSED =
  /\b(?:I(?:['’]m| am) (?:sorry|unable|not able)|I (?:can(?:no|['’])t|won['’]t|cannot|do not|don['’]t) (?:help|assist|provide|answer|comply|fulfill|have access|have the ability|actually (?:have|know)))\b|(?:抱歉|无法(?:提供|回答))|\b[Jj]e ne peux pas\b|\b[Ii]ch kann (?:das |dir |Ihnen )?nicht\b|\b[Nn]o puedo\b/;
const UNSURE =
  /\b(?:I(?:['’]m| am) not (?:entirely |completely |quite |100% )?(?:sure|certain)|I don['’]t (?:actually )?know|I do not know|I(?:['’]m| am) guessing|it(?:['’]s| is) (?:hard|difficult|impossible) to (?:say|determine|know)|(?:cannot|can['’]t) be determined|more (?:context|information) (?:is |would be )?(?:needed|required)|could you (?:please )?(?:clarify|provide))\b/i;

/** Whether one line or sentence makes up a good part of a longer text: a model that is caught in a loop. */
function repeats(text: string): boolean {
  const counts = new Map<string, number>();
  const parts = text.split(/\n+|(?<=[.!?。！？]) ?/).map((part) => part.trim())
    .filter((part) => part.length > 15);
  for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  return parts.length >= 8 && Math.max(...counts.values()) * 3 > parts.length;
}
