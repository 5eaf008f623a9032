/**
 * Fuzz: the door under as many hostile requests as one likes. What it finds goes into corpus.ts.
 * @module
 */
import { parseArgs } from "node:util";
import { fuzzDoor } from "./door_fuzz.ts";
import { fuzzServed } from "./served_fuzz.ts";

const USAGE = `Usage: deno task fuzz [--runs N] [--seed N] [--served]

Posts hostile requests at the door, in process: each must be refused with a 4xx in OpenAI's shape or
be answered; memory must not grow. A request that is not gets cut down to what is wrong and printed.

  --runs N  how many (default 100000)
  --seed N  same seed, same requests (default: any)
  --served  post them at a whole gateway instead, over sockets and through to an upstream
  --help    this text
`;

function say(text: string, to: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout) {
  to.writeSync(new TextEncoder().encode(`${text}\n`));
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}

interface Flags {
  readonly runs: number;
  readonly seed: number;
  readonly served: boolean;
}

/** Undefined where help was asked for. @throws Error that says what cannot be understood. */
function readFlags(args: string[]): Flags | undefined {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
      served: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  return {
    runs: wholeNumber("runs", values.runs),
    seed: wholeNumber("seed", values.seed),
    served: values.served,
  };
}

async function fuzz({ runs, seed, served }: Flags): Promise<string> {
  if (served) {
    const { accepted, refused } = await fuzzServed({ runs, seed });
    return `${refused} refused, ${accepted} answered`;
  }
  const onProgress = (done: number) => say(`${done} of ${runs} …`, Deno.stderr);
  const { accepted, refused, longestMs, grownBytes } = await fuzzDoor({ runs, seed, onProgress });
  return `${refused} refused, ${accepted} answered; the longest took ${longestMs.toFixed(1)} ms; ` +
    `${grownBytes} bytes more are held`;
}

async function main(args: string[]): Promise<number> {
  let flags: Flags | undefined;
  try {
    flags = readFlags(args);
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${USAGE}`, Deno.stderr);
    return 2;
  }
  if (!flags) {
    say(USAGE);
    return 0;
  }
  const startedAt = performance.now();
  say(`seed ${flags.seed}`);
  try {
    const report = await fuzz(flags);
    const seconds = (performance.now() - startedAt) / 1_000;
    say(`${flags.runs} requests in ${seconds.toFixed(1)} s: ${report}`);
    return 0;
  } catch (error) {
    const { message, cause } = error as Error;
    say(cause instanceof Error ? `${message}\n\n${cause.stack}` : message);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
