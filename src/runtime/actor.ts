/**
 * Actor: what an actor is, before anything hosts it. A role, the protocol it speaks, and how it
 * handles one ask. The same definition is hosted in a Web Worker or on a MessageChannel in this
 * thread, and passes the same contract tests on both.
 * @module
 */
import type * as z from "zod";
import type { Clock } from "./clock.ts";

/** The schemas of one role; both ends check what they receive against them. */
export interface ActorProtocol<Start, Ask, Answer, Partial> {
  readonly role: string;
  readonly start: z.ZodType<Start>;
  readonly ask: z.ZodType<Ask>;
  readonly answer: z.ZodType<Answer>;
  readonly partial: z.ZodType<Partial>;
}

export interface AskContext {
  /** Aborted when the ask is cancelled or the actor is shut down. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
  readonly clock: Clock;
  /** The private port that came with the ask. */
  readonly port?: MessagePort;
}

/**
 * Handles one ask: resolves with the answer, or throws a FailureError. Anything else that is thrown
 * is a fault of the actor itself and fails the ask as `crashed`.
 */
export type Handle<Ask, Answer> = (ask: Ask, context: AskContext) => Promise<Answer>;

export interface ActorDefinition<Start, Ask, Answer, Partial> {
  readonly protocol: ActorProtocol<Start, Ask, Answer, Partial>;
  /** Called once with the start message; what it returns handles every ask. */
  readonly open: (start: Start) => Handle<Ask, Answer>;
}

export function defineActor<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
): ActorDefinition<Start, Ask, Answer, Partial> {
  return definition;
}
