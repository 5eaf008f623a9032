/**
 * Options: the command line of a chaos run.
 * @module
 */
import { parseArgs } from "node:util";

export interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly load: number;
}

export const USAGE = `Usage: deno task chaos [--seed N] [--minutes M] [--load N]

Besets the gateway with failing upstreams, clients that leave, dying workers and changed
configurations, all at once, and then checks that nothing was lost: each request ended once, nothing
is held or left, usage adds up with the upstream's own count, and it serves as before.

  --seed N     what is sent and what fails (default: a new one, which is printed)
  --minutes M  how long (default 2)
  --load N     clients at once (default 32); there are places for two thirds of them
  --help       this text

Exit code 0 where every check has passed, 1 where one has not, 2 for bad usage.
`;

/** Undefined where help was asked for. @throws Error that says what cannot be understood. */
export function readOptions(args: string[], newSeed: () => number): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string" },
      minutes: { type: "string", default: "2" },
      load: { type: "string", default: "32" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const number = (name: "seed" | "minutes" | "load", isGood: (value: number) => boolean) => {
    const value = Number(values[name]);
    if (!isGood(value)) throw new Error(`--${name} cannot be "${values[name]}"`);
    return value;
  };
  return {
    seed: values.seed === undefined ? newSeed() : number("seed", Number.isSafeInteger),
    minutes: number("minutes", (value) => value > 0),
    load: number("load", (value) => Number.isInteger(value) && value > 0),
  };
}
