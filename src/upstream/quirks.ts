/**
 * Quirks: what a model's own refusal teaches about it. A rule reads the refusal's words and looks
 * at what was sent; what it learns is a name (protocol/quirk.ts) that adapt_call.ts acts on.
 *
 * Sources: the wordings of OpenAI, vLLM, llama.cpp, Ollama, LM Studio, DeepSeek, Groq, OpenRouter
 * and of chat templates (Mistral, Gemma, Llama).
 * @module
 */
import type { Message } from "../openai/chat_request.ts";
import { hasParts } from "../openai/strict_turns.ts";
import type { ErrorObject } from "./error_object.ts";

export type Quirks = ReadonlySet<string>;

/** What was refused, as it was meant to be sent before any quirk changed it. */
export interface Refused {
  /** The HTTP status that it was refused with. */
  readonly status: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly droppable: ReadonlySet<string>;
  readonly messages: readonly Message[];
}

/** Statuses under which servers tell what they do not take: llama.cpp says 500, OpenRouter 404. */
export const TEACHING_STATUSES: ReadonlySet<number> = new Set([400, 404, 415, 422, 500, 501]);
/** Those under which a parameter that is merely named is the one at fault. */
const PARAMETER_STATUSES: ReadonlySet<number> = new Set([400, 422]);

/** Content parts by the quirk that stands for not taking them. */
export const PARTS_OF_QUIRK: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["no_images", new Set(["image_url", "input_image", "image", "video_url"])],
  ["no_audio", new Set(["input_audio", "audio_url"])],
  ["no_files", new Set(["file", "input_file"])],
  ["no_refusals", new Set(["refusal"])],
]);

/** What the refusal teaches that is not known yet, or null. */
export function learnQuirk(error: ErrorObject, refused: Refused, known: Quirks): string | null {
  const read: Reading = { ...refused, ...error, text: error.message, known };
  const rules = PARAMETER_STATUSES.has(refused.status)
    ? [...TELLING_RULES, ...PARAMETER_RULES]
    : TELLING_RULES;
  for (const rule of rules) {
    const quirk = rule(read);
    if (quirk !== null && !known.has(quirk)) return quirk;
  }
  return null;
}

interface Reading extends Refused, Omit<ErrorObject, "message"> {
  readonly text: string;
  readonly known: Quirks;
}

type Rule = (read: Reading) => string | null;

/** Read first: what is said of roles and parts also holds words that are parameters' names. */
const TELLING_RULES: readonly Rule[] = [
  ({ text }) => ALTERNATE.test(text) ? "alternate_roles" : null,
  ({ text, messages }) =>
    /developer/i.test(text) && messages.some(({ role }) => role === "developer")
      ? "no_developer"
      : null,
  ({ text, messages }) =>
    SYSTEM.test(text) && messages.some(({ role }) => role === "system" || role === "developer")
      ? "no_system"
      : null,
  refusedParts,
  refusedFormat,
  ({ text, droppable }) => droppable.has("tools") && TOOLS.test(text) ? "no_tools" : null,
];

const PARAMETER_RULES: readonly Rule[] = [renamedParameter, refusedParameter];

const ALTERNATE =
  /system message must be (?:at the beginning|first)|roles? (?:must|should) alternate|(?:must|should) alternate (?:between|with)|(?:successive|consecutive) (?:user|assistant)/i;
const SYSTEM =
  /\bsystem (?:role|message|prompt|instruction)s?\b[^.]{0,40}\b(?:not|un)[ -]?(?:supported|allowed|enabled)|not support[^.]{0,60}['"`]?\bsystem\b|developer instruction is not enabled/i;
const TOOLS = /tool choice requires|support tool use|support(?:s|ing)? (?:tools|function)/i;

/** What is wrong with one picture or file (not there, too large, of a wrong kind) is no quirk. */
const BAD_PART =
  /download|fetch|decod|upload|too (?:large|many)|exceeds|corrupt|format|mime|extension|png|jpe?g|resolution|pixels|invalid (?:image|audio|file|base64|url|data)/i;
const PART_REFUSED =
  /not support|unsupported|n't support|only support|not accept|not a multimodal|at most 0|no endpoints found|unknown variant|unknown (?:part|content)|should be 'text'|missing data required/i;
const PART_NAMED = new Map([
  ["no_images", /image|vision|multi-?modal|video/i],
  ["no_audio", /audio/i],
  ["no_files", /\bfiles?\b|input_file|document/i],
  ["no_refusals", /refusal/i],
]);

function refusedParts({ text, messages }: Reading): string | null {
  if (!PART_REFUSED.test(text) || BAD_PART.test(text)) return null;
  for (const [quirk, types] of PARTS_OF_QUIRK) {
    if (!hasParts(messages, types)) continue;
    // A pydantic server names no part: it says that each should be text.
    if (PART_NAMED.get(quirk)!.test(text) || text.includes("should be 'text'")) return quirk;
  }
  return null;
}

/** A schema that is itself at fault is the caller's matter. */
function refusedFormat({ text, param = "", params, code }: Reading): string | null {
  const type = (params["response_format"] as { type?: unknown } | null | undefined)?.type;
  if (type !== "json_object" && type !== "json_schema") return null;
  const isNamed = param.startsWith("response_format") || /response[_ ]format/i.test(text);
  if (!isNamed || /invalid schema/i.test(text) || code === "invalid_json_schema") return null;
  return UNKNOWN_FIELD.test(text) || /must be (?:one of )?["']|unavailable/i.test(text)
    ? `no_${type}`
    : null;
}

/** Names that some servers have for the same thing and others do not know. */
const SYNONYMS = [
  ["max_tokens", "max_completion_tokens"],
  ["max_completion_tokens", "max_tokens"],
] as const;

/** The name to use is the quirk's. It takes nothing away, so it holds for the caller's own, too. */
function renamedParameter(read: Reading): string | null {
  const { text, params, known } = read;
  for (const [from, to] of SYNONYMS) {
    if (!(from in params) || to in params || known.has(from) || !isRefused(read, from)) continue;
    if (mentions(text, to) || UNKNOWN_FIELD.test(text)) return to;
  }
  return null;
}

/** What only this call may do without: the same parameter of the caller's own is still sent. */
function refusedParameter(read: Reading): string | null {
  const name = Object.keys(read.params).find((each) =>
    read.droppable.has(each) && !read.known.has(`drop_${each}`) && isRefused(read, each)
  );
  return name === undefined ? null : `drop_${name}`;
}

function isRefused({ text, param }: Reading, name: string): boolean {
  return param === name || param?.startsWith(`${name}.`) ||
    (REFUSAL.test(text) && mentions(text, name));
}

/** Wordings of a field that is not known at all: OpenAI, Azure, Groq, Fireworks, Mistral, vLLM. */
const UNKNOWN_FIELD =
  /unsupported|unknown|unrecogni[sz]ed|unexpected|not support|n't support|extra (?:inputs|fields)/i;

/** Wordings of a value or field that is not taken; besides those above DeepSeek, Kimi, LM Studio. */
const REFUSAL = new RegExp(
  `${UNKNOWN_FIELD.source}|unavailable|invalid|must be|cannot|deprecated|not (?:permitted|allowed|available)|only the default`,
  "i",
);

/** Whether the parameter is named, as `max_tokens` or as `maxTokens`, and not as part of a word. */
function mentions(text: string, name: string): boolean {
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`(?<![a-z_])(?:${name}|${camel})(?![a-z_])`, "i").test(text);
}
