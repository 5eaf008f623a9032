/**
 * Quirk: one thing that a model's server does not take, by its name. Written by an operator for a
 * whole backend, or learned from a model's own refusal.
 *
 * `no_<parameter>` stands for a parameter that is left out where the call allows it. Learned names
 * are of that kind too, so a quirk is any short lower-case word.
 * @module
 */
import * as z from "zod";

/** The names that a configuration may use; upstream/quirks.ts says what each changes. */
export const QUIRK_NAMES = [
  /** Neighbouring turns of one role are merged. */
  "alternate_roles",
  /** System text becomes part of the first user turn. */
  "no_system",
  /** Developer turns become system turns. */
  "no_developer",
  /** `max_tokens` goes by its newer name. */
  "max_completion_tokens",
  /** `max_completion_tokens` goes by its older name. */
  "max_tokens",
  "no_temperature",
  "no_stream_options",
  /** The format is asked for in the prompt. */
  "no_response_format",
  "no_tools",
  "no_images",
  "no_audio",
  "no_files",
] as const;

export const quirkSchema = z.string().regex(/^[a-z][a-z0-9_]{2,63}$/);
