/**
 * Serve: runs an actor on its end of a port. Asks wait in a bounded mailbox and are handled up to
 * `concurrency` at a time (they wait for the network, not for the processor); each ends in exactly
 * one terminal message. A cancel overtakes: a waiting ask never starts, a running one is aborted.
 * @module
 */
import { type Failure, FailureError } from "../protocol/failure.ts";
import { type FromActor, type ToActor, toActorSchema } from "../protocol/lifecycle.ts";
import type { ActorDefinition, Handle } from "./actor.ts";
import { type Clock, clockAlignedTo } from "./clock.ts";
import { Mailbox } from "./mailbox.ts";
import type { Port } from "./port.ts";

export interface ServeOptions {
  /** Asks handled at once. */
  readonly concurrency?: number;
  /** Asks that may wait behind those. */
  readonly mailboxLimit?: number;
}

type AskMessage = Extract<ToActor, { type: "ask" }>;

export function serve<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
  port: Port,
  { concurrency = 4096, mailboxLimit = 4096 }: ServeOptions = {},
): void {
  const { protocol } = definition;
  const mailbox = new Mailbox<AskMessage>(mailboxLimit);
  const running = new Map<string, AbortController>();
  let handle: Handle<Ask, Answer> | undefined;
  let clock: Clock;
  let stopping = false;

  const post = (message: FromActor) => port.post(message);
  const fail = (ask: string, failure: Failure, partial?: unknown) =>
    post({ type: "failed", ask, failure, ...(partial === undefined ? {} : { partial }) });

  async function run(message: AskMessage, open: Handle<Ask, Answer>) {
    const abort = new AbortController();
    running.set(message.ask, abort);
    try {
      const payload = await open(protocol.ask.parse(message.payload), {
        signal: abort.signal,
        deadlineAt: message.deadlineAt,
        clock,
        port: message.port,
      });
      post({ type: "answered", ask: message.ask, payload });
    } catch (error) {
      if (error instanceof FailureError) fail(message.ask, error.failure, error.partial);
      else fail(message.ask, abort.signal.aborted ? CANCELLED : brokenActor(protocol.role, error));
    } finally {
      running.delete(message.ask);
      next();
    }
  }

  function next() {
    while (handle && running.size < concurrency) {
      const message = mailbox.take();
      if (!message) break;
      void run(message, handle);
    }
    if (stopping && running.size === 0) {
      post({ type: "exited" });
      port.close();
    }
  }

  function receive(data: unknown) {
    const message = toActorSchema.parse(data);
    switch (message.type) {
      case "start":
        handle = definition.open(protocol.start.parse(message.config));
        clock = clockAlignedTo(message.now);
        post({ type: "ready", role: protocol.role });
        return next();
      case "ask":
        if (stopping || !mailbox.offer(message)) return fail(message.ask, OVERLOADED);
        return next();
      case "cancel":
        if (mailbox.remove((waiting) => waiting.ask === message.ask)) {
          return fail(message.ask, CANCELLED);
        }
        return running.get(message.ask)?.abort();
      case "ping":
        return post({ type: "pong", seq: message.seq });
      case "shutdown": {
        stopping = true;
        for (let waiting = mailbox.take(); waiting; waiting = mailbox.take()) {
          fail(waiting.ask, CANCELLED);
        }
        for (const abort of running.values()) abort.abort();
        return next();
      }
      default:
        return message satisfies never;
    }
  }

  port.listen(receive);
  post({ type: "listening" });
}

const OVERLOADED: Failure = {
  code: "overloaded",
  source: "gateway",
  retryable: true,
  message: "Cannot take the ask: the actor's mailbox is full",
};

const CANCELLED: Failure = {
  code: "cancelled",
  source: "gateway",
  retryable: false,
  message: "Cancelled",
};

/** Only the error's class is told: its message may quote what the actor was working on. */
function brokenActor(role: string, error: unknown): Failure {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return {
    code: "crashed",
    source: "gateway",
    retryable: true,
    message: `Actor ${role} failed with ${kind}`,
  };
}
