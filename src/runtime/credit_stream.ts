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
  /** Called once, when the first item has come. */
  readonly onFirst?: () => void;
}

/**
 * The reading end, as a pull-driven stream that stands before there is a writer: a port is attached
 * when one is known, and another one in its place should that writer die before its first item.
 */
export class CreditReader<Item> {
  readonly stream: ReadableStream<Item>;
  /** Items that came over the port cost their writer credit, which reading them gives back. */
  readonly #queue: { readonly item: Item; readonly costsCredit: boolean }[] = [];
  #controller!: ReadableStreamDefaultController<Item>;
  #port: MessagePort | undefined;
  #pulled: (() => void) | undefined;
  #seen = false;
  /** No more items after those in the queue. */
  #ended = false;
  #ungranted = 0;

  constructor(readonly options: CreditReaderOptions<Item>) {
    this.stream = new ReadableStream<Item>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () =>
        new Promise<void>((resolve) => {
          this.#pulled = resolve;
          this.#hand();
        }),
      cancel: () => this.#leave(),
    }, { highWaterMark: 0 });
  }

  attach(port: MessagePort): void {
    this.#leave();
    this.#port = port;
    this.#ungranted = 0;
    port.onmessage = (event) => {
      const message = toReaderSchema.parse(event.data);
      if (message.type === "items") {
        for (const item of message.items) this.#take(this.options.parse(item), true);
      } else this.#leave();
      this.#hand();
    };
  }

  /** Adds an item that came another way than over the port. */
  put(item: Item): void {
    this.#take(item, false);
    this.#hand();
  }

  /** Adds an item that is not of the source: `onFirst` does not count it. */
  putAside(item: Item): void {
    this.#queue.push({ item, costsCredit: false });
    this.#hand();
  }

  /** The source is done: the stream ends when its items are read and its writer has ended. */
  end(): void {
    this.#ended = true;
    this.#hand();
  }

  /** As {@link end}, for a writer that will say no more. */
  abandon(): void {
    this.#leave();
    this.end();
  }

  #take(item: Item, costsCredit: boolean) {
    this.#queue.push({ item, costsCredit });
    if (!this.#seen) this.options.onFirst?.();
    this.#seen = true;
  }

  #hand() {
    if (!this.#pulled) return;
    const next = this.#queue.shift();
    if (next !== undefined) {
      this.#controller.enqueue(next.item);
      if (next.costsCredit) this.#grant();
    } else if (this.#ended && !this.#port) this.#controller.close();
    else return;
    this.#pulled();
    this.#pulled = undefined;
  }

  #grant() {
    if (++this.#ungranted < CREDIT_WINDOW / 2) return;
    this.#port?.postMessage({ type: "credit", items: this.#ungranted } satisfies ToWriter);
    this.#ungranted = 0;
  }

  #leave() {
    this.#port?.postMessage({ type: "close" } satisfies ToWriter);
    this.#port?.close();
    this.#port = undefined;
  }
}
