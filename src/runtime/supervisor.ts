/**
 * Supervisor: keeps permanent children alive, one for one, as Erlang's `supervisor` does: a child
 * that dies is started again, at once the first time and after a growing backoff while it keeps
 * dying; more than `maxRestarts` deaths of all children within `windowMs` are more than restarting
 * can mend, and from then on what dies stays down.
 * Source: Erlang/OTP Design Principles, "Supervisor Behaviour", restart intensity and period.
 * @module
 */
import type { Clock, Timer } from "./clock.ts";

export interface SupervisorOptions {
  readonly maxRestarts: number;
  readonly windowMs: number;
  readonly clock: Clock;
  /** Starts the child in `slot`; its death is told by {@link Supervisor.died}. */
  readonly startChild: (slot: number) => void;
  /** Called before each restart. */
  readonly onRestart?: (slot: number) => void;
  /** Called once, when the intensity is exceeded. */
  readonly onGiveUp?: () => void;
}

const FIRST_BACKOFF_MS = 20;
const LONGEST_BACKOFF_MS = 5_000;

export class Supervisor {
  #deaths: { readonly slot: number; readonly at: number }[] = [];
  readonly #waiting = new Map<number, Timer>();
  #state: "running" | "given_up" | "stopped" = "running";

  constructor(readonly options: SupervisorOptions) {}

  get state() {
    return this.#state;
  }

  start(children: number): void {
    for (let slot = 0; slot < children; slot++) this.options.startChild(slot);
  }

  /** The child in `slot` is gone without having been asked to go. */
  died(slot: number): void {
    if (this.#state !== "running") return;
    const { clock, maxRestarts, windowMs, onGiveUp } = this.options;
    const now = clock.now();
    this.#deaths = this.#deaths.filter(({ at }) => at > now - windowMs);
    this.#deaths.push({ slot, at: now });
    if (this.#deaths.length > maxRestarts) {
      this.#state = "given_up";
      this.#clearWaiting();
      return onGiveUp?.();
    }
    const before = this.#deaths.filter((death) => death.slot === slot).length - 1;
    if (before === 0) return this.#restart(slot);
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (before - 1), LONGEST_BACKOFF_MS);
    this.#waiting.set(slot, clock.at(now + backoffMs, () => this.#restart(slot)));
  }

  /** No child is started any more. */
  stop(): void {
    this.#state = "stopped";
    this.#clearWaiting();
  }

  #restart(slot: number) {
    this.#waiting.delete(slot);
    this.options.onRestart?.(slot);
    try {
      this.options.startChild(slot);
    } catch {
      // It started once: what stands in the way now (no thread, no memory) may pass.
      this.died(slot);
    }
  }

  #clearWaiting() {
    for (const timer of this.#waiting.values()) timer.clear();
    this.#waiting.clear();
  }
}
