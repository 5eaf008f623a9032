/**
 * Known quirks: what is known of each model, for every worker to be told with its call: what the
 * operator wrote for a backend, and what any worker has learned of a model. One for the process.
 * @module
 */
import type { Call } from "../protocol/call.ts";

export class KnownQuirks {
  readonly #ofModel = new Map<string, Set<string>>();

  /**
   * @param ofBackend what is configured, by backend name
   * @param onLearned told of each quirk of a model (`backend::model`) once
   */
  constructor(
    readonly ofBackend: ReadonlyMap<string, readonly string[]> = new Map(),
    readonly onLearned?: (model: string, quirk: string) => void,
  ) {}

  /** The call with what is known of its model. */
  told<T extends Pick<Call, "backend" | "model">>(call: T): T {
    const configured = this.ofBackend.get(call.backend) ?? [];
    const learned = this.#ofModel.get(keyOf(call)) ?? [];
    const quirks = [...configured, ...learned];
    return quirks.length === 0 ? call : { ...call, quirks };
  }

  learn(call: Pick<Call, "backend" | "model">, quirks: readonly string[] = []): void {
    if (quirks.length === 0) return;
    const model = keyOf(call);
    const known = this.#ofModel.get(model) ?? new Set();
    this.#ofModel.set(model, known);
    for (const quirk of quirks) {
      if (known.has(quirk)) continue;
      known.add(quirk);
      this.onLearned?.(model, quirk);
    }
  }
}

const keyOf = ({ backend, model }: Pick<Call, "backend" | "model">): string =>
  `${backend}::${model}`;
