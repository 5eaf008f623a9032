/**
 * Self-naming by sign: greetings and announcements, a speaker's tag in front, a signature behind.
 * @module
 */
import { put, type Rule } from "./name_edit.ts";

/** "Claude here!", "I, Claude,", "This is Gemini speaking", "Thanks for using Kimi". */
export const announced: Rule = ({ before, after, name }) => {
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
export const signed: Rule = ({ before, after, name, rest }) => {
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
