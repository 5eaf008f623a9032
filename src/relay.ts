/**
 * Relay: the asking end of a request that is passed through: one ask of a relay worker, its text as a
 * stream, its terminal as an outcome.
 * @module
 */
import { relayOutcome } from "./fusion/relay_outcome.ts";
import type { Outcome } from "./fusion/outcome.ts";
import type { Relay, RelayRequest } from "./fusion/relay_request.ts";
import { NO_USAGE } from "./fusion/usage.ts";
import type { Usage } from "./protocol/call.ts";
import type { RelayAnswer, RelayAsk } from "./protocol/relay.ts";
import { failureOf, type Terminal } from "./protocol/terminal.ts";
import type { Spent, Upstreams } from "./protocol/upstreams.ts";
import type { Clock } from "./runtime/clock.ts";
import { CreditReader } from "./runtime/credit_stream.ts";
import type { Lanes } from "./runtime/lanes.ts";
import type { WorkerPool } from "./runtime/worker_pool.ts";

export interface RelayOptions {
  readonly pool: WorkerPool<Upstreams, RelayAsk, RelayAnswer, Spent>;
  /** Where what is passed through waits its turn with the runs' calls. */
  readonly lanes: Lanes;
  readonly clock: Clock;
  /** Unique among the asks of this process. */
  readonly ask: string;
  /** How long the call may take. */
  readonly timeoutMs: number;
  readonly costUsdOf: (model: string, usage: Usage) => number;
}

export function startRelay(
  { model, path, body, stream, startedAt }: RelayRequest,
  { pool, lanes, clock, ask, timeoutMs, costUsdOf }: RelayOptions,
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
  const call = { backend: model.backend, path, body, stream, timeoutAt };
  const cancel = lanes.enter(model.backend, {
    timeoutAt,
    start: (leave) =>
      pool.ask(ask, { call }, {
        deadlineAt: timeoutAt,
        port: port2,
        onTerminal: (terminal) => {
          onTerminal(terminal);
          leave();
        },
      }),
    onGone: (failure) => {
      port2.close();
      onTerminal({ type: "failed", failure });
    },
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
