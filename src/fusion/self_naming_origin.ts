/**
 * Self-naming by origin: "created by Anthropic", "a language model from OpenAI", "built on GPT-4".
 * @module
 */
import { put, type Rule } from "./name_edit.ts";
import { AI_NOUN, AS, BE, BETWEEN, wordList } from "./self_naming_words.ts";

const PARTICIPLE =
  `(?:created|made|developed|built|trained|designed|produced|provided|maintained|operated|engineered|programmed|fine-?tuned|hosted|owned|launched|released|powered|based|running|run|offered|entwickelt|trainiert|développée?|créée?|entraînée?|conçue?|desarrollad[oa]|cread[oa]|entrenad[oa]|sviluppat[oa]|creat[oa]|addestrat[oa]|desenvolvid[oa]|criad[oa]|treinad[oa]|ontwikkeld|gemaakt|getraind)`;
const TEAM = `(?:(?:${
  wordList(`the a an team teams people folks researchers engineers scientists developers experts
  company startup lab organization at of from called named AI research safety la el empresa firma société
  compañía by top architecture model`)
}) )*`;
const BY = "(?:by|at|from|on|with|upon|through|von|par|por|pela|pelo|da|door|di)";
const ORIGIN = new RegExp(
  `(?:(${BE}|[Mm]y (?:knowledge|training|responses|capabilities|design|existence)(?: cutoff| data)?(?: was| is| were| are| has been| have been)?)|(${AS}|\\b[Tt]his))(${BETWEEN})([ \\t,–—-]{1,3}${PARTICIPLE}(?:,? (?:and |or )?${PARTICIPLE}){0,2} (?:exclusively |entirely )?${BY} ${TEAM}["“*_]{0,2})$`,
);
/** What goes along with a maker: "'s team", ", an AI safety company", Anthropic's three H. */
const ORIGIN_TAIL =
  /^["”*_]{0,2}(?:(?:['’]s)? [^.,;!?\n]{0,40}?\b(?:team|engineers|researchers|architecture|models?|technology|series))?(?:,? (?:an?|the) [^.,;!?\n]{0,60}?\b(?:company|lab|laboratory|startup|organi[sz]ation|firm|corporation|institute))?(?:,? to be helpful,? harmless,?(?: and|,)? honest)?/;
/** "… that was" at the end of what stands between; it goes with the participle. */
const RELATIVE = /[ \t,]{1,2}(?:that|which|who) (?:was|is|has been)$/;

/** "created by Anthropic to be helpful, harmless, and honest", "built on GPT-4". */
export const origin: Rule = ({ before, after, name }) => {
  const match = ORIGIN.exec(before);
  if (!match) return null;
  const [, , unsure, between = "", phrase = ""] = match;
  const relative = RELATIVE.exec(between)?.[0] ?? "";
  const noun = between.slice(0, between.length - relative.length);
  if (unsure && !AI_NOUN.test(noun)) return null;
  if (unsure?.endsWith("his") && !/\b(?:assistant|chatbot|AI)\b/.test(noun)) return null;
  if (name.kind === "maker" && /^[ \t,–—-]{1,3}(?:running|run|hosted) /.test(phrase)) return null;
  if (!/\w$/.test(noun) || /\b(?:is|was)$/.test(noun) || !AI_NOUN.test(noun)) {
    const isBase = name.kind === "model" &&
      (/\b(?:powered|based|running)\b/.test(phrase) ||
        !/\b(?:by|von|par|por|da|door) $/.test(phrase));
    return put(isBase ? "an AI model" : developersAfter(phrase));
  }
  const tail = ORIGIN_TAIL.exec(after)![0];
  return { back: relative.length + phrase.length, forward: tail.length, put: "" };
};

/** "a language model from OpenAI", "an assistant by Meta AI". */
const FROM = new RegExp(
  `(?:${BE}|${AS})(${BETWEEN})([ \\t,]{1,2}(?:from|by|at|of|von|de|di|van) ${TEAM}["“*_]{0,2})$`,
);
export const from: Rule = ({ before, after }) => {
  const match = FROM.exec(before);
  if (!match || !AI_NOUN.test(match[1]!)) return null;
  return { back: match[2]!.length, forward: ORIGIN_TAIL.exec(after)![0].length, put: "" };
};

/** "ein von OpenAI entwickeltes Sprachmodell": the participle stands behind the name. */
export const germanOrigin: Rule = ({ before, after }) => {
  const participle =
    /^ (?:entwickelt|trainiert|erstellt|geschaffen|bereitgestellt)(e[srnm]?(?: |$))?/.exec(after);
  if (!participle || !GERMAN_SELF.test(before)) return null;
  return participle[1]
    ? { back: 4, forward: participle[0].length, put: "" }
    : put("meinen Entwicklern");
};
const GERMAN_SELF = /\b(?:[Ii]ch|[Mm]ich|[Aa]ls|[Mm]ein\w{0,2})\b[^.!?\n]{0,80}\bvon $/;

/** "my developers" in the language of the preposition before it. */
function developersAfter(phrase: string): string {
  const preposition = /(\S+) $/.exec(phrase)?.[1] ?? "";
  return DEVELOPERS.get(preposition) ?? "my developers";
}
const DEVELOPERS = new Map([
  ["von", "meinen Entwicklern"],
  ["par", "mes développeurs"],
  ["por", "mis desarrolladores"],
  ["pela", "minha equipe"],
  ["da", "i miei sviluppatori"],
  ["door", "mijn ontwikkelaars"],
]);
