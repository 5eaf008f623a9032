/**
 * Tutti's command line: `tutti NAME [options]`, each name a file in cli/. Only the command that is
 * called is loaded.
 * @module
 */

/** A command takes its arguments and gives the exit code: 0 good, 1 failed, 2 bad usage or config. */
export type Command = (args: string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, { says: string; load: () => Promise<Command> }>> = {
  start: {
    says: "serve the gateway",
    load: async () => (await import("./cli/start.ts")).start,
  },
  demo: {
    says: "serve the gateway in front of a simulated upstream and show one fused answer",
    load: async () => (await import("./cli/demo.ts")).demo,
  },
  simulate: {
    says: "serve only the simulated upstream",
    load: async () => (await import("./cli/simulate.ts")).simulate,
  },
  validate: {
    says: "check a configuration without starting",
    load: async () => (await import("./cli/validate.ts")).validate,
  },
  usage: {
    says: "print what was used, by client key, profile, model or day",
    load: async () => (await import("./cli/usage.ts")).usage,
  },
  doctor: {
    says: "send each configured model a one-token request",
    load: async () => (await import("./cli/doctor.ts")).doctor,
  },
};

function usage(): string {
  const rows = Object.entries(COMMANDS).map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`);
  return `Usage: tutti COMMAND [options]\n\n${
    rows.join("\n")
  }\n\ntutti COMMAND --help shows its options.`;
}

async function main([name, ...args]: string[]): Promise<number> {
  const asked = name === "--help" || name === "-h" || name === "help";
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (asked || !command) {
    const text = asked || name === undefined ? usage() : `Unknown command: ${name}\n\n${usage()}`;
    await (asked ? Deno.stdout : Deno.stderr).write(new TextEncoder().encode(`${text}\n`));
    return asked ? 0 : 2;
  }
  return await (await command.load())(args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
