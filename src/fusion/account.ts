/**
 * Account: what one ask comes to while its actor works on it: the tokens of every call that it
 * makes, and what the refusals on the way have taught. Told with the answer, and with a failure too.
 * @module
 */
import type { Usage } from "../protocol/call.ts";
import { FailureError } from "../protocol/failure.ts";
import type { Spent } from "../protocol/upstreams.ts";
import { addUsage, NO_USAGE } from "./usage.ts";

export class Account {
  #usage = NO_USAGE;
  readonly #learned: string[] = [];

  readonly onLesson = (quirk: string): void => void this.#learned.push(quirk);

  spend(usage: Usage): void {
    this.#usage = addUsage(this.#usage, usage);
  }

  get spent(): Spent {
    return {
      usage: this.#usage,
      ...(this.#learned.length > 0 ? { learned: [...this.#learned] } : {}),
    };
  }

  /** Does the work; a failure of it leaves with what has been spent. */
  async settle<Answer extends object>(work: () => Promise<Answer>): Promise<Answer & Spent> {
    try {
      return { ...await work(), ...this.spent };
    } catch (error) {
      throw error instanceof FailureError ? new FailureError(error.failure, this.spent) : error;
    }
  }
}
