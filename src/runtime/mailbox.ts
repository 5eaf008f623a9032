/**
 * Mailbox: first in first out, bounded. A message that does not fit is refused to the sender's
 * face, never dropped; an urgent one (`cancel`, `down`) overtakes and always fits.
 * @module
 */

export class Mailbox<Message> {
  #urgent: Message[] = [];
  #queue: Message[] = [];
  #head = 0;

  constructor(readonly limit: number) {}

  get size(): number {
    return this.#urgent.length + this.#queue.length - this.#head;
  }

  /** False when the mailbox is full. */
  offer(message: Message): boolean {
    if (this.#queue.length - this.#head >= this.limit) return false;
    this.#queue.push(message);
    return true;
  }

  offerUrgent(message: Message): void {
    this.#urgent.push(message);
  }

  take(): Message | undefined {
    if (this.#urgent.length > 0) return this.#urgent.shift();
    if (this.#head === this.#queue.length) return undefined;
    const message = this.#queue[this.#head];
    this.#head++;
    if (this.#head > 32 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  /** Takes the first waiting message that `matches` out of the queue. */
  remove(matches: (message: Message) => boolean): Message | undefined {
    const at = this.#queue.findIndex((message, i) => i >= this.#head && matches(message));
    return at < 0 ? undefined : this.#queue.splice(at, 1)[0];
  }
}
