/**
 * Credit stream: carries a fast sequence of items from one actor to another over a private port,
 * no faster than it is read. The reader grants credit for what was pulled from it; the writer waits
 * when its credit is used up. So a slow reader slows the source, and memory holds one window.
 * Source: the demand signalling of Reactive Streams (reactive-streams.org), in messages.
 * @module
 */
import {
  type ToReader,
  toReaderSchema,
  type ToWriter,
  toWriterSchema,
} from "../protocol/deltas.ts";

/** Items that may be under way or unread at once. */
export const CREDIT_WINDOW = 64;

/** The writing end. */
export class CreditWriter<Item> {
  #credit = CREDIT_WINDOW;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(readonly port: MessagePort) {
    port.onmessage = (event) => this.#receive(toWriterSchema.parse(event.data));
  }

  /** Sends the items as credit allows; false once the reader has closed. */
  async write(items: readonly Item[]): Promise<boolean> {
    let sent = 0;
    while (sent < items.length && !this.#closed) {
      if (this.#credit === 0) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      const batch = items.slice(sent, sent + this.#credit);
      this.#credit -= batch.length;
      sent += batch.length;
      this.port.postMessage({ type: "items", items: [...batch] } satisfies ToReader);
    }
    return !this.#closed;
  }

  /** No more items; the port is closed. */
  end(): void {
    if (!this.#closed) this.port.postMessage({ type: "end" } satisfies ToReader);
    this.#close();
  }

  #receive(message: ToWriter) {
    switch (message.type) {
      case "credit":
        this.#credit += message.items;
        break;
      case "close":
        this.#close();
        break;
      default:
        message satisfies never;
    }
    this.#wake?.();
    this.#wake = undefined;
  }

  #close() {
    this.#closed = true;
    this.port.close();
  }
}

export interface CreditReaderOptions<Item> {
  readonly parse: (item: unknown) => Item;
  /** Called with the first item, before it can be read. */
  readonly onFirst?: () => void;
  /** Called when the writer has ended and every item was read. */
  readonly onEnd?: () => void;
}

/** The reading end, as a pull-driven stream. Cancelling it closes the writer. */
export function creditReader<Item>(
  port: MessagePort,
  { parse, onFirst, onEnd }: CreditReaderOptions<Item>,
): ReadableStream<Item> & { abandon(): void } {
  const queue: Item[] = [];
  let ended = false;
  let seen = false;
  let read = 0;
  let pulled: (() => void) | undefined;
  let controller: ReadableStreamDefaultController<Item>;

  function hand(item: Item) {
    controller.enqueue(item);
    if (++read < CREDIT_WINDOW / 2) return;
    port.postMessage({ type: "credit", items: read } satisfies ToWriter);
    read = 0;
  }

  function settle() {
    if (!pulled) return;
    const item = queue.shift();
    if (item !== undefined) hand(item);
    else if (ended) finish();
    else return;
    pulled();
    pulled = undefined;
  }

  function finish() {
    port.close();
    controller.close();
    onEnd?.();
  }

  port.onmessage = (event) => {
    const message = toReaderSchema.parse(event.data);
    switch (message.type) {
      case "items":
        if (!seen) onFirst?.();
        seen = true;
        for (const item of message.items) queue.push(parse(item));
        break;
      case "end":
        ended = true;
        break;
      default:
        message satisfies never;
    }
    settle();
  };

  const stream = new ReadableStream<Item>({
    start: (made) => {
      controller = made;
    },
    pull: () =>
      new Promise<void>((resolve) => {
        pulled = resolve;
        settle();
      }),
    cancel: () => {
      port.postMessage({ type: "close" } satisfies ToWriter);
      port.close();
    },
  }, { highWaterMark: 0 });

  // A writer that died says no `end`: whoever learns of the death ends the stream here.
  return Object.assign(stream, {
    abandon: () => {
      ended = true;
      settle();
    },
  });
}
