/**
 * Doctor: sends each configured model a one-token request, over the same workers that would serve
 * it, and prints what came of it.
 * @module
 */
import { parseArgs } from "node:util";
import type { Config } from "../config/config.ts";
import { conversationText } from "../fusion/conversation.ts";
import type { ModelRef } from "../fusion/profile.ts";
import { failureOf } from "../protocol/terminal.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { createSystem, type System } from "../system.ts";
import { configFrom } from "./config_from.ts";
import { type ProcessIo, processIo } from "./process_io.ts";

const USAGE = `Usage: tutti doctor [--config FILE]

Sends each configured model a one-token request and prints a table.

  --config FILE  the configuration; else $TUTTI_CONFIG, else ./config.toml
  --help         this text

Exit code 0 if every model answered, 1 if one did not, 2 for bad usage or a bad configuration.
`;

interface Finding {
  readonly model: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly says: string;
}

/** Runs `tutti doctor` with the arguments that follow it; gives the exit code. */
export async function doctor(args: string[], io: ProcessIo = processIo): Promise<number> {
  let flags: { config?: string | undefined; help?: boolean | undefined };
  try {
    flags = parseArgs({
      args,
      options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (flags.help) {
    io.out(USAGE);
    return 0;
  }
  const loaded = await configFrom(flags.config, io);
  if (!loaded) return 2;
  const { config, secrets } = loaded;
  const clock = systemClock();
  const system = createSystem({
    ...config,
    runtime: { ...config.runtime, workers: 1 },
    upstreamKeys: secrets.upstreamKeys,
    clock,
  });
  const findings = await Promise.all(
    configuredModels(config).map((model) => examine(model, { config, system, clock })),
  );
  await system.stop(clock.now() + 1_000);
  io.out(table(findings));
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

function configuredModels({ profiles }: Config): readonly ModelRef[] {
  const models = profiles.flatMap(({ router, panel, aggregator }) => [
    router.singleModel,
    ...(router.classifierModel ? [router.classifierModel] : []),
    ...panel.members,
    aggregator.judge,
    aggregator.synthesizer,
  ]);
  return [...new Map(models.map((model) => [`${model.backend}::${model.model}`, model])).values()];
}

async function examine(
  { id, backend, model }: ModelRef,
  { config, system, clock }: { config: Config; system: System; clock: Clock },
): Promise<Finding> {
  const startedAt = clock.now();
  const timeoutMs = config.backends.find(({ name }) => name === backend)?.timeoutMs ?? 0;
  const terminal = await system.askOnce({
    backend,
    model,
    messages: conversationText([{ role: "user", content: "Say yes." }]),
    params: { max_tokens: 1 },
    droppable: [],
    timeoutAt: startedAt + timeoutMs,
  });
  const ms = Math.round(clock.now() - startedAt);
  if (terminal.type === "answered") return { model: id, ok: true, ms, says: "answered" };
  const failure = failureOf(terminal);
  // One token may be a blank: the model is there all the same.
  if (failure.code === "empty") return { model: id, ok: true, ms, says: "answered with a blank" };
  return { model: id, ok: false, ms, says: `${failure.code}: ${failure.message}` };
}

function table(findings: readonly Finding[]): string {
  const width = Math.max(5, ...findings.map(({ model }) => model.length));
  const rows = findings.map(({ model, ok, ms, says }) =>
    `${model.padEnd(width)}  ${ok ? "ok    " : "FAILED"}  ${String(ms).padStart(6)} ms  ${says}`
  );
  return `${rows.join("\n")}\n`;
}
