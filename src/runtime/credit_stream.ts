/**
 * Credit stream: carries a fast sequence of items from one actor to another over a private port,
 * no faster than it is read. The reader grants credit for what was read; the writer waits when its
 * credit is used up. So a slow reader slows the source, and memory holds one window.
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
  /** What a write waits for: more credit, or the end. */
  #change = Promise.withResolvers<void>();

  constructor(readonly port: MessagePort) {
    port.onmessage = ({ data }) => this.#receive(toWriterSchema.parse(data));
  }

  /** Sends the items as credit allows; false once the stream is closed, by either end. */
  async write(items: readonly Item[]): Promise<boolean> {
    let sent = 0;
    while (sent < items.length && !this.#closed) {
      if (this.#credit === 0) {
        await this.#change.promise;
        continue;
      }
      const batch = items.slice(sent, sent + this.#credit);
      this.port.postMessage({ type: "items", items: batch } satisfies ToReader);
      this.#credit -= batch.length;
      sent += batch.length;
    }
    return !this.#closed;
  }

  /** No more items; the port is closed, and a write that still waits resolves. */
  end(): void {
    if (this.#closed) return;
    this.port.postMessage({ type: "end" } satisfies ToReader);
    this.#close();
  }

  #receive(message: ToWriter) {
    switch (message.type) {
      case "credit":
        this.#credit += message.items;
        this.#change.resolve();
        this.#change = Promise.withResolvers();
        return;
      case "close":
        return this.#close();
      default:
        return message satisfies never;
    }
  }

  #close() {
    this.#closed = true;
    this.port.close();
    this.#change.resolve();
  }
}

export interface CreditReaderOptions<Item> {
  /** Reads what came over the port; throws when it is no item. */
  readonly parse: (item: unknown) => Item;
  /** Called once, when the first item has come. */
  readonly onFirst?: () => void;
}

/**
 * The reading end, as a pull-driven stream that stands before there is a writer: a port is attached
 * when one is known, and another one in its place should that writer die before its first item.
 * A writer that sends what cannot be read breaks the stream.
 */
export class CreditReader<Item> {
  readonly #queue: Item[] = [];
  #stream: ReadableStream<Item> | undefined;
  #controller!: ReadableStreamDefaultController<Item>;
  #port: MessagePort | undefined;
  /** How many of the queue's last items came over the port that is attached. */
  #unread = 0;
  /** Items of that port that were read, and not granted again yet. */
  #ungranted = 0;
  #pulled: (() => void) | undefined;
  #seen = false;
  /** `ended`: no more items after those in the queue. `closed`: nobody reads any more. */
  #state: "open" | "ended" | "closed" = "open";

  constructor(readonly options: CreditReaderOptions<Item>) {}

  /** Made when it is first asked for: most answers are not read so, and a stream is not cheap. */
  get stream(): ReadableStream<Item> {
    return this.#stream ??= new ReadableStream<Item>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () =>
        new Promise<void>((resolve) => {
          this.#pulled = resolve;
          this.#hand();
        }),
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
  }

  /** Reads from this port from now on; the writer of the one before is told to stop. */
  attach(port: MessagePort): void {
    this.#leave();
    this.#port = port;
    if (this.#state === "closed") return this.#leave();
    port.onmessage = ({ data }) => {
      try {
        if (this.#port === port) this.#receive(toReaderSchema.parse(data));
      } catch (error) {
        this.#break(error);
      }
    };
  }

  /** Adds an item that came another way; whoever writes on the port is told to stop. */
  put(item: Item): void {
    this.#leave();
    this.#take(item);
    this.#hand();
  }

  /**
   * Adds an item that is not of the source: `onFirst` does not count it. It comes before the
   * source's items or not at all.
   */
  putAside(item: Item): void {
    if (this.#seen || this.#state !== "open") return;
    this.#queue.push(item);
    this.#hand();
  }

  /** The source is done: the stream ends when its items are read and its writer has ended. */
  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#hand();
  }

  /** As {@link end}, for a writer that will say no more. */
  abandon(): void {
    this.#leave();
    this.end();
  }

  #break(error: unknown) {
    void this.stream;
    this.#controller.error(error);
    this.#close();
  }

  #receive(message: ToReader) {
    if (message.type === "items") {
      for (const item of message.items) {
        const read = this.options.parse(item);
        this.#unread++;
        this.#take(read);
      }
    } else this.#leave();
    this.#hand();
  }

  #take(item: Item) {
    if (this.#state === "closed") return;
    this.#queue.push(item);
    if (!this.#seen) this.options.onFirst?.();
    this.#seen = true;
  }

  /** Gives the stream its next item or its end, when it has asked for it. */
  #hand() {
    if (!this.#pulled) return;
    if (this.#queue.length > 0) {
      this.#controller.enqueue(this.#queue.shift()!);
      // What is left of the queue is from the port alone when the item just read was from it.
      if (this.#queue.length < this.#unread) this.#grant();
    } else if (this.#state === "ended" && !this.#port) {
      this.#controller.close();
      this.#state = "closed";
    } else return;
    this.#pulled();
    this.#pulled = undefined;
  }

  #grant() {
    this.#unread--;
    if (++this.#ungranted < CREDIT_WINDOW / 2) return;
    this.#port?.postMessage({ type: "credit", items: this.#ungranted } satisfies ToWriter);
    this.#ungranted = 0;
  }

  #leave() {
    this.#port?.postMessage({ type: "close" } satisfies ToWriter);
    this.#port?.close();
    this.#port = undefined;
    this.#unread = this.#ungranted = 0;
  }

  #close() {
    this.#state = "closed";
    this.#queue.length = 0;
    this.#leave();
  }
}
