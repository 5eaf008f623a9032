/**
 * Chaos, as a command: see {@link USAGE}.
 * @module
 */
import { runChaos } from "./chaos.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { asTables } from "./report.ts";

const MINUTE_MS = 60_000;

async function main(args: string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions(args, () => crypto.getRandomValues(new Uint32Array(1))[0]!);
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${USAGE}`, Deno.stderr);
    return 2;
  }
  if (!options) {
    say(USAGE);
    return 0;
  }
  const { seed, minutes, load } = options;
  say(`seed ${seed}: ${minutes} minutes of chaos with ${load} clients\n\n`);
  const endAt = performance.now() + minutes * MINUTE_MS;
  const report = await runChaos({ seed, load, goesOn: () => performance.now() < endAt });
  const failed = report.checks.filter(({ passed }) => !passed).length;
  const verdict = failed === 0 ? "every check has passed" : `${failed} checks have failed`;
  say(`${asTables(report)}\nseed ${seed}: ${verdict}\n`);
  return failed === 0 ? 0 : 1;
}

function say(text: string, to: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout) {
  to.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
