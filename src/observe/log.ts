/**
 * Log: one line per event, `<time> <level> <message> key=value …`, written at once and whole.
 *
 * Takes short facts about requests (ids, names, counts), never a header, key, prompt or body. As
 * a last line of defence, whatever looks like a credential is blotted out before it is written.
 * @module
 */

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** Takes one line, its newline included. */
  readonly write: (line: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The least level that is written. Default "info". */
  readonly level?: LogLevel;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const CREDENTIAL = /\b(?:bearer\s+|sk-|pk-|key-)[\w.~+/=-]{8,}/gi;
/** What can stand in a line without quotes and be read back. */
const PLAIN = /^[\w.:/@+,-]+$/;
/** What would end a line early or steer a terminal. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

export function createLog(options: LogOptions): Log {
  const least = LEVELS.indexOf(options.level ?? "info");
  const at = (level: LogLevel) => {
    if (LEVELS.indexOf(level) < least) return () => {};
    return (message: string, fields: LogFields = {}) => {
      const time = new Date(options.now()).toISOString();
      const line = `${time} ${level} ${message}${written(fields)}`;
      options.write(`${line.replace(CONTROL, " ").replace(CREDENTIAL, "[redacted]")}\n`);
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function written(fields: LogFields): string {
  let text = "";
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    const isPlain = typeof value !== "string" || PLAIN.test(value);
    text += ` ${key}=${isPlain ? value : JSON.stringify(value)}`;
  }
  return text;
}
