/**
 * Values: the kinds of value that a key of the file can hold. Each states its own fault, and none
 * that may hold a secret by mistake (a key written where its variable's name belongs) repeats it.
 * @module
 */
import * as z from "zod";
import { baseUrlFault } from "./base_url.ts";
import { parseBind } from "./bind.ts";

/** A timer's time. Timers of 2^31 ms and more fire at once, so longer is a fault, not a surprise. */
export const durationMs = z.int().min(1).max(2_147_483_647);
/** A time that may be none at all. */
export const delayMs = z.int().min(0).max(2_147_483_647);
export const atLeastOne = z.int().min(1);
export const zeroOrMore = z.int().min(0);

/** A name of ours: of a profile (it becomes part of a model id), a backend or a client key. */
export const name = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  'Must be letters, digits, ".", "_" and "-", and start with a letter or digit',
);

/** A model as an upstream calls it, with or without its backend: `name::model-id`. */
export const modelId = z.string().regex(
  /^[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$/u,
  "Must be a model id, without spaces around it",
);

/** Short ones would take people's questions for a front end's. */
export const backgroundRule = z.string().refine(
  (text) => text.replaceAll(/[\s*]/g, "").length >= 10,
  'Must have 10 letters or more beside its "*"',
);

export const variableName = z.string().regex(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  "Must be the name of an environment variable, not the key itself",
);

export const sha256 = z.string().regex(
  /^[0-9A-Fa-f]{64}$/,
  "Must be a SHA-256 in 64 hex digits, not the key itself: printf %s KEY | sha256sum",
).toLowerCase();

export const bind = z.string().refine(
  (text) => parseBind(text) !== undefined,
  'Must be "host:port", "[ipv6]:port" or ":port"',
);

export const baseUrl = z.string().superRefine((text, context) => {
  const fault = baseUrlFault(text);
  if (fault !== undefined) context.addIssue(fault);
});

/**
 * What a browser sends as `Origin`, or `*`. Other schemes than http are those of extensions and
 * packaged apps (`chrome-extension://…`, `tauri://localhost`).
 */
export const origin = z.string().refine(
  (text) => text === "*" || isOrigin(text),
  'Must be "*" or an origin, e.g. "https://chat.example.com", without a path or trailing slash',
);

function isOrigin(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/.test(text)) return false;
  return /^https?:/.test(text) ? URL.parse(text)?.origin === text : true;
}
