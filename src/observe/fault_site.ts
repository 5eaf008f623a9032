/**
 * Where an unexpected error was thrown, for the log. Its message is left out: messages quote what
 * they choke on, and that may be a prompt.
 * @module
 */
import type { LogFields } from "./log.ts";

const FRAME = /^ {4}at .+:\d+:\d+\)?$/m;

export function faultSite(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const intro = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  const frames = stack.startsWith(intro) ? stack.slice(intro.length) : stack;
  return { error: error.name, at: FRAME.exec(frames)?.[0].trim().slice("at ".length) };
}
