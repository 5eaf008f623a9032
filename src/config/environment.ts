/**
 * Environment: the only file that reads the process's environment. Everyone else gets the record.
 * @module
 */

export function readEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}
