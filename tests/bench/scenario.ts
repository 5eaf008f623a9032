/**
 * Scenario: what the simulated models do while one figure is measured. Sent as JSON from the bench
 * to the upstream's process; every name that is not in `models` does as `others` says.
 * @module
 */

export interface ModelScenario {
  /** From a request's arrival to its answer, or to the first token of a streamed one. */
  readonly latencyMs: number;
  /** How far a single latency may be from that, either way, all of them as likely. Default 0. */
  readonly spreadMs?: number;
}

export interface Scenario {
  readonly others: ModelScenario;
  readonly models?: Readonly<Record<string, ModelScenario>>;
  /** Between two tokens of a streamed answer. */
  readonly tokenMs?: number;
  /** Keep a record of each call. Off where calls are counted in tens of thousands. */
  readonly record: boolean;
}

/** One call that the upstream served. Instants are epoch milliseconds with fractions. */
export interface ServedCall {
  /** The number that {@link tagged} wrote into the request that the call was made for. */
  readonly request: number;
  readonly model: string;
  readonly arrivedAt: number;
  /** When the first byte was sent: the whole answer, or the first token of a streamed one. */
  readonly firstByteAt: number | null;
  readonly endedAt: number;
  readonly endedAs: string;
}

/** A question that any gateway hands on to its models, with its request's number in it. */
export function tagged(request: number): string {
  return `What keeps a bridge standing in the wind? [bench ${request}]`;
}

/** The number in a prompt that holds a {@link tagged} question. */
export function tagOf(prompt: string): number | undefined {
  const found = /\[bench (\d+)\]/.exec(prompt)?.[1];
  return found === undefined ? undefined : Number(found);
}
