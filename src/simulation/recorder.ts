/**
 * Recorder: keeps what happened to every request, adds it up, and lets a test wait for a moment
 * instead of sleeping.
 * @module
 */
import type { EndedAs, RecordedRequest } from "./recorded_request.ts";
import type { SimulationClock } from "./simulation_clock.ts";
import { addUsage, type SimulatedUsage, usageOf } from "./usage.ts";

/** A record while its request is being answered; only the recorder and the answer write to it. */
export type OpenRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

export interface Totals {
  readonly requests: number;
  /** Requests that have not ended. */
  readonly open: number;
  readonly ended: Readonly<Record<EndedAs, number>>;
  readonly bytesSent: number;
  /** Over all whole answers, and those that broke off after they had told it. */
  readonly usage: SimulatedUsage;
  /** Over those whose client was told. */
  readonly reportedUsage: SimulatedUsage;
}

export type RequestListener = (request: RecordedRequest) => void;

interface Wait {
  readonly predicate: (request: RecordedRequest) => boolean;
  readonly resolve: (request: RecordedRequest) => void;
  readonly reject: (error: Error) => void;
  readonly timer: { clear(): void };
}

/** A wait that takes longer is a test that would never end. */
const WAIT_MS = 10_000;

export class Recorder {
  /** The latest requests, oldest first. */
  readonly requests: RecordedRequest[] = [];
  readonly #clock: SimulationClock;
  readonly #limit: number;
  readonly #arrived = new Set<RequestListener>();
  readonly #ended = new Set<RequestListener>();
  readonly #waits = new Set<Wait>();
  #count = 0;
  #endedAs: Record<EndedAs, number> = { completed: 0, aborted: 0, cut: 0, hung: 0, failed: 0 };
  #bytesSent = 0;
  #usage = usageOf({ prompt: 0, completion: 0 });
  #reportedUsage = this.#usage;

  /** Keeps the latest `limit` requests; counts all. */
  constructor(clock: SimulationClock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get totals(): Totals {
    const ended = { ...this.#endedAs };
    return {
      requests: this.#count,
      open: this.#count - Object.values(ended).reduce((sum, each) => sum + each, 0),
      ended,
      bytesSent: this.#bytesSent,
      usage: this.#usage,
      reportedUsage: this.#reportedUsage,
    };
  }

  /** Whether records are kept at all; where not, what is dear to gather may be left out. */
  get keeps(): boolean {
    return this.#limit > 0;
  }

  open(fields: Pick<RecordedRequest, "method" | "path" | "headers" | "authorized">): OpenRecord {
    return {
      number: ++this.#count,
      at: this.#clock.now(),
      body: undefined,
      model: "",
      stream: false,
      status: 0,
      bytesSent: 0,
      usageReported: false,
      ...fields,
    };
  }

  /** The request's body has been read: from now on it can be seen. */
  arrived(record: OpenRecord): void {
    if (this.keeps) {
      this.requests.push(record);
      if (this.requests.length > this.#limit) this.requests.shift();
    }
    for (const listener of this.#arrived) listener(record);
    this.changed(record);
  }

  sent(record: OpenRecord, bytes: number): void {
    record.bytesSent += bytes;
    this.#bytesSent += bytes;
    if (record.firstByteAt === undefined) {
      record.firstByteAt = this.#clock.now();
      this.changed(record);
    }
  }

  /** Ends a record once; what comes later changes nothing. */
  end(record: OpenRecord, endedAs: EndedAs): void {
    if (record.endedAs !== undefined) return;
    record.endedAs = endedAs;
    record.endedAt = this.#clock.now();
    this.#endedAs[endedAs]++;
    if (endedAs !== "completed" && !record.usageReported) record.usage = undefined;
    if (record.usage) this.#usage = addUsage(this.#usage, record.usage);
    if (record.usage && record.usageReported) {
      this.#reportedUsage = addUsage(this.#reportedUsage, record.usage);
    }
    for (const listener of this.#ended) listener(record);
    this.changed(record);
  }

  /** Calls `listener` with every request that arrives. Returns how to stop that. */
  onArrived(listener: RequestListener): () => void {
    this.#arrived.add(listener);
    return () => this.#arrived.delete(listener);
  }

  /** Calls `listener` with every request that ends. Returns how to stop that. */
  onEnded(listener: RequestListener): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  /** Resolves with the first request, past or to come, for which `predicate` holds. */
  waitFor(predicate: (request: RecordedRequest) => boolean): Promise<RecordedRequest> {
    const found = this.requests.find(predicate);
    if (found) return Promise.resolve(found);
    const { promise, resolve, reject } = Promise.withResolvers<RecordedRequest>();
    const timer = this.#clock.at(
      this.#clock.now() + WAIT_MS,
      () => this.#giveUp(wait, `none within ${WAIT_MS} ms`),
    );
    const wait: Wait = { predicate, resolve, reject, timer };
    this.#waits.add(wait);
    return promise;
  }

  /** Rejects every wait that is still open. */
  close(): void {
    for (const wait of this.#waits) this.#giveUp(wait, "the simulation was closed");
  }

  /** Something of the record has changed: waits that it fulfils are over. */
  changed(record: RecordedRequest): void {
    for (const wait of this.#waits) {
      if (!wait.predicate(record)) continue;
      this.#waits.delete(wait);
      wait.timer.clear();
      wait.resolve(record);
    }
  }

  #giveUp(wait: Wait, why: string): void {
    this.#waits.delete(wait);
    wait.timer.clear();
    wait.reject(new Error(`Cannot find the awaited request among ${this.#count}: ${why}`));
  }
}
