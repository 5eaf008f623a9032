/**
 * Failure reason: what kind of failure a store has, in words that may stand in a log.
 * @module
 */

/**
 * SQLite's message, which holds names of tables and files at most; the system's code; the word that
 * Redis begins with; or the error's class. Any other message may hold an address, a password, or
 * what was sent.
 */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code, message, name } = error as Error & { code?: unknown };
  if (code === "ERR_SQLITE_ERROR") return message;
  if (typeof code === "string") return code;
  const word = /^[A-Z]{2,20}\b/.exec(message)?.[0];
  return word ?? (name === "Error" ? error.constructor.name : name);
}
