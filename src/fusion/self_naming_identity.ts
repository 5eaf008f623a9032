/**
 * Self-naming by being: "I'm Claude", "as ChatGPT, I", "my name is Qwen", "an AI assistant called Pi".
 * @module
 */
import { type Edit, type Place, put, type Rule } from "./name_edit.ts";
import { AI_NOUN, AS, BE, BETWEEN, CALLED, GAP, KIND_WORDS } from "./self_naming_words.ts";

const IDENTITY = new RegExp(`(?:(${BE})|(${AS})|(${CALLED}))(${BETWEEN})${GAP}$`);
/** What may follow a name that "I" am: the end, a pause, or words about an assistant; no human noun. */
const PAUSE = `$|[*_"'”’]{0,3}[ \\t]{0,2}[,.!?;:)(\\n–—-]|[*_"”’]`;
const AI_WORD = "AI|language|assistant|model|chatbot|bot|LLM|large|version";
const MADE =
  "from|by|created|made|trained|developed|designed|built|powered|entwickelt|développé|créé|desarrollado|creado|sviluppato";
const AFTER_IDENTITY = new RegExp(
  `^(?:['’]s)?(?:${PAUSE}|[ \\t]+(?:and|y|et|und|e|en|but|or|so|who|that|which|here|at|${AI_WORD}|${MADE}|I|I['’]m)\\b)`,
);
/** "As Claude, I …" and not "As Google, the company, …"; behind a noun, not "as an AI model, GPT-4 is". */
const AFTER_AS = new RegExp(
  `^[*_"”]{0,3}(?:,? (?:I|my|ich|je|j['’]|mi|io|eu|ik)\\b|,? ?(?:and )?(?:an?|the|ein|un|une|een|um|uma) (?:${KIND_WORDS})\\b|, [^,.!?\\n]{1,60}, (?:I|my)\\b|(?: (?:${AI_WORD})){1,3}, (?:I|my)\\b)`,
);
const AFTER_AS_NOUN = new RegExp(`^(?:['’]s)?(?:${PAUSE}|[ \\t]+(?:and|${AI_WORD}|${MADE})\\b)`);
const CALLED_BY =
  /[ \t,]{1,2}(?:called|named|known as|by the name of|namens|nommé|appelé|llamado|chiamato|chamado)[ \t"“*_]{1,3}$/;
const KIND_NEXT = /^[ \t](?:AI|language|assistant|model|chatbot|bot|LLM|large)\b/;
const APPOSITION = /^[*_"”]{0,3}(?:,| [-–—])[ \t]+(?=(?:an?|your|the|ein|eine|une?|een)[ \t])/;
const BEHIND_NOUN =
  /(?:model|assistant|chatbot|bot|version|Sprachmodell|modèle|modelo|asistente)([ \t,(–—-]{1,3})$/i;

/** "I'm Claude", "as ChatGPT, I", "my name is Qwen", "an AI assistant called Pi". */
export const identity: Rule = (place) => {
  const match = IDENTITY.exec(place.before);
  if (!match || SPOKEN.test(place.before.slice(0, match.index))) return null;
  const [selfReference, , as, called, between = ""] = match;
  const said = {
    selfReference,
    between,
    isAs: !!as,
    isCalled: !!called,
    isAi: AI_NOUN.test(between),
  };
  if (!isOwnName(place, said)) return null;
  const namesItself = place.name.kind === "model" && !/\bnot\b/.test(between);
  return { ...removal(place, said), namesItself };
};

/** What stands in front of a name: "as an AI assistant called" has `between` "an AI assistant called". */
interface SelfReference {
  readonly selfReference: string;
  readonly between: string;
  readonly isAs: boolean;
  readonly isCalled: boolean;
  /** An AI noun stands between. */
  readonly isAi: boolean;
}

function isOwnName({ after, name }: Place, { isAs, isCalled, isAi }: SelfReference): boolean {
  if (isAi && POSSESSIVE.test(after)) return true;
  if (!(isAs ? (isAi ? AFTER_AS_NOUN : AFTER_AS) : AFTER_IDENTITY).test(after)) return false;
  if (isAi || name.saysAi || AI_NOUN.test(after.slice(0, 60))) return true;
  if (name.kind === "maker") return false;
  return !name.common || isCalled || isAs || /^[*_"”]{0,3}(?:$|[.!\n])/.test(after);
}

/** What goes along with the name, and what comes for it, so that the sentence stays one. */
function removal({ before, after }: Place, said: SelfReference): Edit {
  const without = (back: number, forward: number): Edit => ({ back, forward, put: "" });
  if (POSSESSIVE.test(after)) {
    const hasArticle = !said.isAi && /\b(?:an?|the|your|my)[ \t]$/i.test(before);
    return { back: 0, forward: 3, put: hasArticle ? "" : "an " };
  }
  if (said.isCalled) return put("Assistant");
  const introduced = CALLED_BY.exec(before);
  if (introduced) return said.isAi ? without(introduced[0].length, 0) : put("Assistant");
  const apposition = APPOSITION.exec(after);
  if (apposition && AI_NOUN.test(after.slice(0, 80))) return without(0, apposition[0].length);
  if (KIND_NEXT.test(after)) return without(0, 1);
  const link = BEHIND_NOUN.exec(before)?.[1];
  if (link !== undefined) {
    if (!link.endsWith("(")) return without(link.length, 0);
    return after.startsWith(")") ? without(link.length, 1) : put("AI");
  }
  return put(/\ban? $/.test(before) ? "AI assistant" : assistantIn(said.selfReference));
}

const POSSESSIVE = /^['’]s /;
/** Somebody in a story says it. */
const SPOKEN = /[^\s]\s{0,3}["“«「]$/;

/** "an AI assistant" in the language of the self-reference. */
function assistantIn(selfReference: string): string {
  return NOUNS.find(([start]) => start.test(selfReference))?.[1] ?? "an AI assistant";
}
const NOUNS: readonly (readonly [RegExp, string])[] = [
  [/^(?:[Ii]ch|bin|[Aa]ls)\b/, "ein KI-Assistent"],
  [/^(?:[Jj]e\b|[Ee]n tant)/, "un assistant IA"],
  [/^(?:[Ss]oy|[Cc]omo)\b/, "un asistente de IA"],
  [/^(?:[Ss]ono|[Cc]ome|In quanto)\b/, "un assistente IA"],
  [/^(?:Eu|[Ss]ou)\b/, "um assistente de IA"],
  [/^[Ii]k\b/, "een AI-assistent"],
];
