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

export type Quirks = ReadonlySet<string>;

/** An error object, as far as it teaches. */
export interface Refusal {
  readonly message?: unknown;
  readonly param?: unknown;
  readonly code?: unknown;
}

/** What was refused, as it was meant to be sent before any quirk changed it. */
export interface Refused {
  readonly params: Readonly<Record<string, unknown>>;
  readonly droppable: ReadonlySet<string>;
  readonly messages: readonly Message[];
}

/** Statuses under which servers tell what they do not take: llama.cpp says 500, OpenRouter 404. */
export const TEACHING_STATUSES: ReadonlySet<number> = new Set([400, 404, 415, 422, 500, 501]);

/** Content parts by the quirk that stands for not taking them. */
export const PARTS_OF_QUIRK: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["no_images", new Set(["image_url", "input_image", "image", "video_url"])],
  ["no_audio", new Set(["input_audio", "audio_url"])],
  ["no_files", new Set(["file", "input_file"])],
  ["no_refusals", new Set(["refusal"])],
]);

/** What the refusal teaches that is not known yet, or null. */
export function learnQuirk(refusal: Refusal, refused: Refused, known: Quirks): string | null {
  const { param } = refusal;
  const read: Reading = {
    ...refused,
    known,
    text: typeof refusal.message === "string" ? refusal.message.slice(0, MAX_CHARS) : "",
    param: typeof param === "string" ? param : "",
    code: refusal.code,
  };
  for (const rule of RULES) {
    const quirk = rule(read);
    if (quirk !== null && !known.has(quirk)) return quirk;
  }
  return null;
}

interface Reading extends Refused {
  readonly known: Quirks;
  readonly text: string;
  readonly param: string;
  readonly code: unknown;
}

const MAX_CHARS = 2_000;

const REFUSES =
  /unsupported|not support|n't support|unknown|unrecognized|unexpected|not permitted|not allowed|not enabled|not available|unavailable|extra (?:inputs|fields)|only the default|only \S+ is allowed|cannot|deprecated|no endpoints found/i;
/** Wordings of a name that is not known at all, whatever its value. */
const UNKNOWN_NAME = /unsupported param|unknown|unrecognized|unexpected|extra (?:inputs|fields)/i;

/** In this order: what is said of roles and parts also holds words that are parameters' names. */
const RULES: readonly ((read: Reading) => string | null)[] = [
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
  ({ text, param, params, known }) =>
    "max_tokens" in params && !known.has("max_tokens") && mentions(text, "max_completion_tokens") &&
      (param === "max_tokens" || mentions(text, "max_tokens"))
      ? "max_completion_tokens"
      : null,
  ({ text, params, known }) =>
    "max_completion_tokens" in params && !known.has("max_completion_tokens") &&
      UNKNOWN_NAME.test(text) && mentions(text, "max_completion_tokens")
      ? "max_tokens"
      : null,
  ({ text, droppable }) => droppable.has("tools") && TOOLS.test(text) ? "no_tools" : null,
  refusedParameter,
];

const ALTERNATE =
  /roles? (?:must|should) alternate|(?:must|should) alternate (?:between|with)|(?:successive|consecutive) (?:user|assistant)/i;
const SYSTEM =
  /\bsystem (?:role|message|prompt|instruction)s?\b[^.]{0,40}\b(?:not|un)[ -]?(?:supported|allowed|enabled)|not support[^.]{0,60}['"`]?\bsystem\b|developer instruction is not enabled/i;
const TOOLS = /tool choice requires|support tool use|support(?:s|ing)? (?:tools|function)/i;

/** A picture that cannot be fetched or is too large is no quirk of the model's. */
const BAD_PART =
  /download|fetch|decod|too large|too many bytes|exceeds|corrupt|invalid (?:image|base64|url|data)/i;
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
function refusedFormat({ text, param, params, code }: Reading): string | null {
  const type = (params["response_format"] as { type?: unknown } | null | undefined)?.type;
  if (type !== "json_object" && type !== "json_schema") return null;
  const isNamed = param.startsWith("response_format") || /response[_ ]format/i.test(text);
  if (!isNamed || /invalid schema/i.test(text) || code === "invalid_json_schema") return null;
  return REFUSES.test(text) || /must be (?:one of )?["']/i.test(text) ? `no_${type}` : null;
}

function refusedParameter({ text, param, params, droppable }: Reading): string | null {
  for (const name of Object.keys(params)) {
    if (!droppable.has(name)) continue;
    if (param === name || param.startsWith(`${name}.`)) return `no_${name}`;
    if (REFUSES.test(text) && mentions(text, name)) return `no_${name}`;
  }
  return null;
}

/** Whether the parameter is named, as `max_tokens` or as `maxTokens`, and not as part of a word. */
function mentions(text: string, name: string): boolean {
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`(?<![A-Za-z0-9_])(?:${name}|${camel})(?![A-Za-z0-9_])`).test(text);
}
