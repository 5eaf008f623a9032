/**
 * Process watch: which of the processes that share a store have died. Each adds one to a counter of
 * its own about every second. A process whose counter stands still while this one has beaten
 * `patience` times is dead. No clock is compared, so clocks may differ and jump, and a process that
 * slept itself gives the others a full turn before it judges them.
 * @module
 */

interface Seen {
  readonly beat: number;
  /** How many of our own beats ago it changed. */
  readonly unchanged: number;
}

export class ProcessWatch {
  readonly #patience: number;
  #known = new Map<string, Seen>();

  constructor(patience = 10) {
    this.#patience = patience;
  }

  /** To be told all counters after each of our own beats; gives the ids of the dead. */
  dead(counters: Iterable<readonly [id: string, beat: number]>, self: string): string[] {
    const known = new Map<string, Seen>();
    const dead: string[] = [];
    for (const [id, beat] of counters) {
      if (id === self) continue;
      const before = this.#known.get(id);
      const unchanged = before?.beat === beat ? before.unchanged + 1 : 0;
      known.set(id, { beat, unchanged });
      if (unchanged >= this.#patience) dead.push(id);
    }
    this.#known = known;
    return dead;
  }
}
