/**
 * Serve: runs an actor on its end of a port. Asks wait in a bounded mailbox and are handled up to
 * `concurrency` at a time (they wait for the network, not for the processor); each ends in exactly
 * one terminal message. A cancel overtakes: a waiting ask never starts, a running one is aborted.
 * @module
 */
import { type Failure, FailureError } from "../protocol/failure.ts";
import { type FromActor, type ToActor, toActorSchema } from "../protocol/lifecycle.ts";
import type { ActorDefinition, Handle } from "./actor.ts";
import { brokenActor, CANCELLED, OVERLOADED, UNSENDABLE } from "./ask_failures.ts";
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

/**
 * Serves the actor until it is told to shut down; a handler that does not heed its signal keeps it
 * from that. What is called to end it sooner comes back.
 */
export function serve<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
  port: Port,
  { concurrency = 4096, mailboxLimit = 4096 }: ServeOptions = {},
): (reason: string) => void {
  const { protocol } = definition;
  const mailbox = new Mailbox<AskMessage>(mailboxLimit);
  const running = new Map<string, AbortController>();
  let actor: { readonly handle: Handle<Ask, Answer>; readonly clock: Clock } | undefined;
  let state: "serving" | "stopping" | "exited" = "serving";

  const post = (message: FromActor) => port.post(message);
  const fail = (ask: string, failure: Failure) => post({ type: "failed", ask, failure });

  /** For an ask that is not begun: nobody else will close its port. */
  function refuse(message: AskMessage, failure: Failure) {
    message.port?.close();
    fail(message.ask, failure);
  }

  async function run(
    { ask, deadlineAt, payload, port }: AskMessage,
    { handle, clock }: NonNullable<typeof actor>,
  ) {
    const abort = new AbortController();
    running.set(ask, abort);
    try {
      const context = { signal: abort.signal, deadlineAt, clock, port };
      const answer = await handle(protocol.ask.parse(payload), context);
      post({ type: "answered", ask, payload: answer });
    } catch (error) {
      if (error instanceof FailureError) {
        const { failure, partial } = error;
        if (partial === undefined) fail(ask, failure);
        else post({ type: "failed", ask, failure, partial });
      } else fail(ask, abort.signal.aborted ? CANCELLED : brokenActor(protocol.role, error));
    }
    port?.close();
    running.delete(ask);
    next();
  }

  /** An answer or a failure's partial may hold anything, also what cannot be cloned. */
  function unsendable(message: FromActor) {
    if (message.type === "answered") fail(message.ask, UNSENDABLE);
    else if (message.type === "failed") fail(message.ask, message.failure);
  }

  function next() {
    while (actor && state === "serving" && running.size < concurrency) {
      const message = mailbox.take();
      if (!message) break;
      void run(message, actor);
    }
    if (state === "stopping" && running.size === 0) {
      state = "exited";
      post({ type: "exited" });
      port.close();
    }
  }

  function abortAll(reason: string) {
    for (const abort of running.values()) abort.abort(reason);
  }

  function receive(data: unknown) {
    const message = toActorSchema.parse(data);
    switch (message.type) {
      case "start":
        actor = {
          handle: definition.open(protocol.start.parse(message.config)),
          clock: clockAlignedTo(message.now),
        };
        post({ type: "ready", role: protocol.role });
        return next();
      case "ask":
        if (state !== "serving") return refuse(message, CANCELLED);
        if (!mailbox.offer(message)) return refuse(message, OVERLOADED);
        return next();
      case "cancel": {
        const waiting = mailbox.remove(({ ask }) => ask === message.ask);
        if (waiting) return refuse(waiting, CANCELLED);
        return running.get(message.ask)?.abort(message.reason);
      }
      case "ping":
        return post({ type: "pong" });
      case "shutdown":
        state = "stopping";
        for (let waiting = mailbox.take(); waiting; waiting = mailbox.take()) {
          refuse(waiting, CANCELLED);
        }
        abortAll("shutdown");
        return next();
      default:
        return message satisfies never;
    }
  }

  port.listen(receive, (message) => unsendable(message as FromActor));
  post({ type: "listening" });
  return abortAll;
}
