/**
 * Relay: the asking end of a request that is passed through: one ask of a relay worker, its text as a
 * stream, its terminal as an outcome.
 * @module
 */
import { relayOutcome } from "./fusion/relay_outcome.ts";
import type { Outcome } from "./fusion/outcome.ts";
import type { Relay, RelayRequest } from "./fusion/relay_request.ts";
import { NO_USAGE } from "./fusion/usage.ts";
import type { ModelPool } from "./model_pool.ts";
import type { Usage } from "./protocol/call.ts";
import type { RelayAnswer, RelayAsk } from "./protocol/relay.ts";
import { failureOf, type Terminal } from "./protocol/terminal.ts";
import type { Spent } from "./protocol/upstreams.ts";
import type { Clock } from "./runtime/clock.ts";
import { CreditReader } from "./runtime/credit_stream.ts";

export interface RelayOptions {
  readonly pool: ModelPool<RelayAsk, RelayAnswer>;
  readonly clock: Clock;
  /** Unique among the asks of this process. */
  readonly ask: string;
  /** How long the call may take. */
  readonly timeoutMs: number;
  readonly costUsdOf: (model: string, usage: Usage) => number;
}

export function startRelay(
  { model, path, body, stream, startedAt }: RelayRequest,
  { pool, clock, ask, timeoutMs, costUsdOf }: RelayOptions,
): Relay {
  const text = new CreditReader<string>({ parse: String });
  const { port1, port2 } = new MessageChannel();
  text.attach(port1);
  const outcome = Promise.withResolvers<Outcome>();

  const onTerminal = (terminal: Terminal<RelayAnswer, Spent>) => {
    // Who answered has said `end` on its own port; of any other nothing more comes.
    if (terminal.type === "answered") text.end();
    else text.abandon();
    const usage = usageIn(terminal);
    outcome.resolve(relayOutcome({
      model: model.id,
      usage,
      costUsd: costUsdOf(model.id, usage),
      ms: clock.now() - startedAt,
      ...(terminal.type !== "answered" && { failure: failureOf(terminal) }),
    }));
  };
  const timeoutAt = startedAt + timeoutMs;
  const call = { backend: model.backend, model: model.model, path, body, stream, timeoutAt };
  const cancel = pool.ask(ask, { call }, {
    stage: "relay",
    cause: "first",
    deadlineAt: timeoutAt,
    port: port2,
    onTerminal,
  });
  return { outcome: outcome.promise, deltas: text.stream, cancel };
}

function usageIn(terminal: Terminal<RelayAnswer, Spent>): Usage {
  switch (terminal.type) {
    case "answered":
      return terminal.payload.usage;
    case "failed":
      return terminal.partial?.usage ?? NO_USAGE;
    case "down":
      return NO_USAGE;
    default:
      return terminal satisfies never;
  }
}
