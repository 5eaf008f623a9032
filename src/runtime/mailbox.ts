/**
 * Mailbox: first in first out, bounded. A message that does not fit is refused to the sender's
 * face, never dropped; an urgent one (`cancel`, `down`) overtakes and always fits.
 * @module
 */

export class Mailbox<Message> {
  readonly #urgent: Message[] = [];
  /** In order of arrival, by a number that only grows: what waits in the middle can be taken out. */
  readonly #waiting = new Map<number, Message>();
  #arrived = 0;

  constructor(readonly limit: number) {}

  get size(): number {
    return this.#urgent.length + this.#waiting.size;
  }

  /** False when the mailbox is full. */
  offer(message: Message): boolean {
    if (this.#waiting.size >= this.limit) return false;
    this.#waiting.set(this.#arrived++, message);
    return true;
  }

  offerUrgent(message: Message): void {
    this.#urgent.push(message);
  }

  take(): Message | undefined {
    if (this.#urgent.length > 0) return this.#urgent.shift();
    for (const [at, message] of this.#waiting) {
      this.#waiting.delete(at);
      return message;
    }
  }

  /** Takes the first waiting message that `matches` out of the queue. */
  remove(matches: (message: Message) => boolean): Message | undefined {
    for (const [at, message] of this.#waiting) {
      if (!matches(message)) continue;
      this.#waiting.delete(at);
      return message;
    }
  }
}
