/**
 * Self-naming by the maker: "my developers at OpenAI", "Anthropic made me", "against OpenAI's policies".
 * @module
 */
import { put, type Rule } from "./name_edit.ts";
import { SENTENCE_START } from "./self_naming_words.ts";

/** "my developers at OpenAI", "my creator is Anthropic", "my training by Google". */
const OWNERS =
  /\b[Mm]y (?:own |original |human )?(?:creators?|developers?|makers?|owners?|designers?|programmers?|trainers?|parent company|training(?: data)?|programming|underlying model|base model|architecture)((?: here| over)?(?:,| at| from| by| of| with| on| is| are| was)?(?: the)?(?: (?:team|company|folks|people|engineers|researchers)(?: at| of| from)?)? ["“*_]{0,2})$/;
export const owners: Rule = ({ before, after, name }) => {
  const match = OWNERS.exec(before);
  if (!match) {
    return !name.common && /\b[Ww]e at $/.test(before) ? { back: 4, forward: 0, put: "" } : null;
  }
  const link = match[1]!;
  if (/\b(?:is|are|was)\b/.test(link)) {
    return put(name.kind === "model" ? "an AI model" : "a company");
  }
  const closes = link.startsWith(",") && after.startsWith(",");
  return { back: link.length, forward: closes ? 1 : 0, put: "" };
};

/** "Anthropic made me", "OpenAI, the company that trained me", "at Anthropic, we". */
const MADE_ME =
  /^(?:['’]s? ?(?:team|engineers|researchers|developers|scientists)?)?(?: has| have| originally| specifically)?(?:,? ?\(?(?:the|an?|my|who|which) [^.!?\n]{0,60}?)?,? (?:created|made|trained|developed|designed|built|programmed|engineered|fine-tuned|behind|instructed|taught|gave) (?:and \w{1,12} )?me\b/;
export const makers: Rule = ({ before, after, name }) => {
  if (!name.common && /\b[Aa]t $/.test(before) && /^, we\b/.test(after)) return put("my company");
  if (!MADE_ME.test(after)) return null;
  return put(SENTENCE_START.test(before) ? "My developers" : "my developers");
};

/** "I can't, as that is against OpenAI's usage policies". */
const POLICY =
  /^['’]s? (?:\w{1,12}[- ]){0,3}?(?:polic(?:y|ies)|guidelines|terms|rules|principles|constitution)\b/;
const BOUND =
  /\b(?:I(?:['’]m| am|['’]ve| can| can['’]t| cannot| must| have| follow| adhere| comply| won['’]t)|my|me)\b[^.!?\n]{0,120}(?:with|to|by|against|violates?|violating|under|per|follow|following|due to|of) $/;
const POLICY_BINDS = /^[^.!?\n]{0,80}, I(?: cannot| can['’]t| can| must| am|['’]m| won['’]t)\b/;
export const policy: Rule = ({ before, after }) =>
  POLICY.test(after) &&
    (BOUND.test(before) ||
      (/\b(?:per|to|under|with|by) $/.test(before) && POLICY_BINDS.test(after)))
    ? { back: 0, forward: /^['’]s/.test(after) ? 2 : 1, put: "my" }
    : null;
