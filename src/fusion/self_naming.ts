/**
 * Self-naming: whether a name in a text is what the answer calls itself or its maker, told by the
 * words right around it, and what to put in its place.
 *
 * A self-reference ("I am", "as", "my developers") counts only where nothing but words about what an
 * assistant is stands between it and the name: "I'm an AI model by Google" speaks of itself, "I'm a
 * fan of Google" does not. In doubt the name stays: it then belongs to the subject.
 * @module
 */
import type { NameMatch } from "./model_names.ts";
import { easternSelfNaming } from "./self_naming_eastern.ts";

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

type Rule = (place: Place) => Edit | null;

/** The edit that removes a name where it is the answer's own; null where it belongs to the subject. */
export function selfNaming(place: Place): Edit | null {
  for (const rule of RULES) {
    const edit = rule(place);
    if (edit) return edit;
  }
  if (!place.own || /^ [A-Z]/.test(place.after)) return null;
  return put(SENTENCE_START.test(place.before) ? "This assistant" : "this assistant");
}

/**
 * Where an answer opens by introducing itself as an assistant under any name: the name's place
 * with the comma behind it.
 */
export function introduction(text: string): { start: number; end: number } | null {
  const match = INTRODUCTION.exec(text.slice(0, 160));
  if (!match) return null;
  const start = match.index + match[1]!.length;
  return { start, end: start + match[2]!.length };
}

/** What an assistant calls itself, and the small words between; in the languages of SELF. */
const KIND_WORDS = wordList(`
  a an the your one of is was that which who just only actually indeed also not simply still now in
  fact and or but both so here to help you version instance member part variant kind type form called
  named known as by name currently specifically originally weights weight
  AI artificial intelligence large language model models LLM chat chatbot bot assistant virtual digital
  conversational friendly helpful text based open source advanced multimodal generative pre trained
  transformer neural network system program computer software agent tool powerful sophisticated state
  art machine learning humble new latest family series team companion
  ein eine einer einem das der die von KI künstliche künstlichen Intelligenz Sprachmodell Sprachmodells
  großes virtueller Assistent Chatbot namens Modell
  un une le la les de du par modèle langage langue grand artificielle IA virtuel nommé appelé
  una el lo modelo lenguaje gran inteligencia asistente llamado grande linguagem assistente
  chamado um uma o do da modello linguistico linguaggio di intelligenza artificiale virtuale chiamato
  een het taalmodel groot van`);
const GAP = `[ \\t,"'“”‘’*_(–—:/-]{1,4}`;
const BETWEEN = `(?:${GAP}(?:${KIND_WORDS})){0,18}`;

const BE =
  `\\b(?:I(?:['’]m| am| was| be|['’]ve been| have been| go by| run| come)|[Mm]yself|[Ii]t['’]s me|[Ii]ch bin|bin ich|[Ii]ch wurde|[Jj]e suis|[Jj]['’]ai été|[Ss]oy|[Ff]ui|[Ss]ono|(?:Eu )?[Ss]ou|[Ff]ui|[Ii]k ben)`;
const AS = `\\b(?:[Aa]s|[Bb]eing|[Aa]ls|[Ee]n tant qu(?:e|['’])|[Cc]omo|[Cc]ome|In quanto)`;
const CALLED =
  `\\b(?:[Mm]y name(?:['’]s| is)|[Cc]all me|I(?:['’]m| am) (?:called|named)|[Yy]ou(?:['’]re| are) (?:talking|speaking|chatting) (?:to|with)|[Mm]ein Name ist|[Ii]ch heiße|[Jj]e m['’]appelle|[Mm]on nom est|[Mm]e llamo|[Mm]i nombre es|[Mm]i chiamo|[Ii]l mio nome è|[Mm]e chamo|[Mm]eu nome é|[Mm]ijn naam is|[Ii]k heet)`;

const AI_NOUN =
  /\b(?:AI|A\.I\.|IA|KI|LLM|language model|chatbot|bot|assistant|model|agent|Sprachmodell|Assistent|modèle|modelo|asistente|assistente|modello|taalmodel)\b/i;

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
const identity: Rule = ({ before, after, name }) => {
  const match = IDENTITY.exec(before);
  if (!match || SPOKEN.test(before.slice(0, match.index))) return null;
  const [whole, , as, called, between = ""] = match;
  const isAi = AI_NOUN.test(between);
  if (isAi && /^['’]s /.test(after)) return { back: 0, forward: 3, put: "an " };
  if (!(as ? isAi ? AFTER_AS_NOUN : AFTER_AS : AFTER_IDENTITY).test(after)) return null;
  const nearAi = isAi || name.saysAi || AI_NOUN.test(after.slice(0, 60));
  if (name.kind === "maker" && !nearAi) return null;
  if (name.common && !nearAi && !called && !as && !/^[*_"”]{0,3}(?:$|[.!\n])/.test(after)) {
    return null;
  }
  const namesItself = name.kind === "model" && !/\bnot\b/.test(between);
  const drop = (back: number, forward: number, replacement = ""): Edit => ({
    back,
    forward,
    put: replacement,
    namesItself,
  });
  if (/^['’]s /.test(after)) {
    return /\b(?:an?|the|your|my)[ \t]$/i.test(before) ? drop(0, 3) : drop(0, 3, "an ");
  }
  if (called) return drop(0, 0, "Assistant");
  const introduced = CALLED_BY.exec(before);
  if (introduced) return isAi ? drop(introduced[0].length, 0) : drop(0, 0, "Assistant");
  const apposition = APPOSITION.exec(after);
  if (apposition && AI_NOUN.test(after.slice(0, 80))) return drop(0, apposition[0].length);
  if (KIND_NEXT.test(after)) return drop(0, 1);
  const behindNoun = BEHIND_NOUN.exec(before)?.[1];
  if (behindNoun !== undefined) {
    const closes = behindNoun.endsWith("(") && after.startsWith(")");
    return behindNoun.endsWith("(") && !closes
      ? drop(0, 0, "AI")
      : drop(behindNoun.length, closes ? 1 : 0);
  }
  return drop(0, 0, /\ban? $/.test(before) ? "AI assistant" : assistantIn(whole));
};

/** Somebody in a story says it. */
const SPOKEN = /[^\s]\s{0,3}["“«「]$/;
const SENTENCE_START = /(?:^|[.!?\n]\s{0,4})$/;

const PARTICIPLE =
  `(?:created|made|developed|built|trained|designed|produced|provided|maintained|operated|engineered|programmed|fine-?tuned|hosted|owned|launched|released|powered|based|running|run|offered|entwickelt|trainiert|développée?|créée?|entraînée?|conçue?|desarrollad[oa]|cread[oa]|entrenad[oa]|sviluppat[oa]|creat[oa]|addestrat[oa]|desenvolvid[oa]|criad[oa]|treinad[oa]|ontwikkeld|gemaakt|getraind)`;
const TEAM = `(?:(?:${
  wordList(`the a an team teams people folks researchers engineers scientists developers experts
  company startup lab organization at of from called named AI research safety la el empresa firma société
  compañía by top architecture model`)
}) ){0,7}`;
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
const origin: Rule = ({ before, after, name }) => {
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
const from: Rule = ({ before, after }) => {
  const match = FROM.exec(before);
  if (!match || !AI_NOUN.test(match[1]!)) return null;
  return { back: match[2]!.length, forward: ORIGIN_TAIL.exec(after)![0].length, put: "" };
};

/** "my developers at OpenAI", "my creator is Anthropic", "my training by Google". */
const OWNERS =
  /\b[Mm]y (?:own |original |human )?(?:creators?|developers?|makers?|owners?|designers?|programmers?|trainers?|parent company|training(?: data)?|programming|underlying model|base model|architecture)((?: here| over)?(?:,| at| from| by| of| with| on| is| are| was)?(?: the)?(?: (?:team|company|folks|people|engineers|researchers)(?: at| of| from)?)? ["“*_]{0,2})$/;
const owners: Rule = ({ before, after, name }) => {
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
const makers: Rule = ({ before, after, name }) => {
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
const policy: Rule = ({ before, after }) =>
  POLICY.test(after) &&
    (BOUND.test(before) ||
      (/\b(?:per|to|under|with|by) $/.test(before) && POLICY_BINDS.test(after)))
    ? { back: 0, forward: /^['’]s/.test(after) ? 2 : 1, put: "my" }
    : null;

/** "Claude here!", "I, Claude,", "This is Gemini speaking", "Thanks for using Kimi". */
const announced: Rule = ({ before, after, name }) => {
  if (name.kind === "maker") return null;
  if (OPENS.test(before) && /^ here\b(?=[,.!:;–—-]| to | and |$)/.test(after)) {
    return { ...put("Assistant"), namesItself: true };
  }
  if (/\bI, $/.test(before) && /^,/.test(after)) return { back: 2, forward: 1, put: "" };
  if (/\b[Tt]his is $/.test(before) && SPEAKING.test(after)) return put("an AI assistant");
  if (
    /\b(?:thanks|thank you) for (?:using|choosing|chatting with|talking to|trying) $/i.test(before)
  ) {
    return name.common ? null : put("this assistant");
  }
  return null;
};
const OPENS =
  /(?:^|[.!?\n,]\s{0,4}|\b(?:hi|hello|hey)[ ,!]{1,2}(?:there)?[ ,!.]{0,2}(?:it['’]s )?)$/i;
const SPEAKING =
  /^(?: speaking| here|, (?:your|an?|the) (?:[\w-]{1,20} ){0,3}(?:AI|assistant|language model|chatbot))\b/;

/** A speaker's tag in front of the whole answer ("ChatGPT: …"), or a signature behind it ("— Claude"). */
const signed: Rule = ({ before, after, name, rest }) => {
  if (name.kind === "model" && /^[\s*_#[(]{0,8}(?:[Rr]esponse (?:from|by) )?$/.test(before)) {
    const tag = TAG.exec(after);
    if (tag && !SPEAKERS.test(after)) {
      return { back: before.length, forward: tag[0].length, put: "", namesItself: true };
    }
  }
  if (rest > 80 || !SIGNATURE_END.test(after) || (name.common && /^ [A-Z]/.test(after))) {
    return null;
  }
  const lead = SIGNATURE.exec(before)?.[0];
  if (lead === undefined || (name.kind === "maker" && !/regards|sincerely|by /i.test(lead))) {
    return null;
  }
  const farewell = FAREWELL.exec(lead);
  const kept = farewell ? farewell.index + farewell[0].length : 0;
  return { back: lead.length - kept, forward: rest, put: "" };
};
const TAG =
  /^(?:['’]s (?:answer|response|reply))?(?: \([^()\n]{1,40}\))?[*_\])]{0,3}:[*_]{0,3}\s{1,4}/;
/** A script with speakers is a text of its own. */
const SPEAKERS = /\n[ \t*_]{0,4}[A-Z][\w .-]{0,24}[*_]{0,2}: /;
const FAREWELL = /(?:regards|sincerely|cheers|yours|truly|wishes)[,.]?/i;
const SIGNATURE =
  /\n[\s*_([]{0,8}(?:(?:[—–~]|--)[ \t]{0,2}|(?:(?:[Bb]est|[Kk]ind|[Ww]arm) )?(?:[Rr]egards|[Ss]incerely|[Cc]heers|[Yy]ours(?: truly)?|[Bb]est wishes|[Ss]igned)[,.]?\s{0,4}(?:[-—–~] ?)?|(?:[Rr]esponse |[Aa]nswer(?:ed)? |[Ww]ritten |[Gg]enerated |[Pp]owered |[Cc]reated |[Pp]repared )?(?:by|with|from) )[*_]{0,2}$/;
const SIGNATURE_END =
  /^(?:[ ,]{1,2}(?:\(|an? |the |your |by |from )?[\w .'’-]{0,60}\)?)?[\s.!*_)\]]{0,8}$/;

/** "ein von OpenAI entwickeltes Sprachmodell": the participle stands behind the name. */
const germanOrigin: Rule = ({ before, after }) => {
  const participle =
    /^ (?:entwickelt|trainiert|erstellt|geschaffen|bereitgestellt)(e[srnm]?(?: |$))?/.exec(after);
  if (!participle || !GERMAN_SELF.test(before)) return null;
  return participle[1]
    ? { back: 4, forward: participle[0].length, put: "" }
    : put("meinen Entwicklern");
};
const GERMAN_SELF = /\b(?:[Ii]ch|[Mm]ich|[Aa]ls|[Mm]ein\w{0,2})\b[^.!?\n]{0,80}\bvon $/;

const RULES: readonly Rule[] = [
  origin,
  from,
  identity,
  owners,
  makers,
  policy,
  announced,
  signed,
  germanOrigin,
  easternSelfNaming,
];

/** First words, a capitalized name, then what it is: "Hi! I'm Max, your AI assistant". */
const INTRODUCTION =
  /^((?:[^\n"“:]{0,80}?\b)?(?:I(?:['’]m| am| be)|[Mm]y name is|[Tt]his is|[Cc]all me) )([A-Z][\w-]{1,24}(?: [A-Z][\w.-]{0,16}){0,2}(?:, | [-–—] ))(?=(?:your|an?|the|thy) (?:[\w-]{1,20} ){0,3}?(?:AI|virtual|digital|language) ?(?:assistant|model|chatbot|companion|helper)?\b)/;

function put(replacement: string): Edit {
  return { back: 0, forward: 0, put: replacement };
}

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

function wordList(words: string): string {
  return words.trim().split(/\s+/).join("|");
}
