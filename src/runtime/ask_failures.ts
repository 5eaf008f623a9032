/**
 * Ask failures: the failures that the runtime itself gives an ask, whatever the ask was for.
 * @module
 */
import type { Failure } from "../protocol/failure.ts";

export const CANCELLED: Failure = {
  code: "cancelled",
  source: "gateway",
  retryable: false,
  message: "Cancelled",
};

export const OVERLOADED: Failure = {
  code: "overloaded",
  source: "gateway",
  retryable: true,
  message: "Cannot take the ask: the actor's mailbox is full",
};

/** What was to be sent, an ask or its answer, cannot be cloned. */
export const UNSENDABLE: Failure = {
  code: "crashed",
  source: "gateway",
  retryable: false,
  message: "Cannot send the message: it cannot be cloned",
};

export const UNREADABLE: Failure = {
  code: "crashed",
  source: "gateway",
  retryable: false,
  message: "Cannot read the actor's answer: it is not of its protocol",
};

export function unavailable(role: string): Failure {
  return {
    code: "unavailable",
    source: "gateway",
    retryable: true,
    message: `Cannot ask: no ${role} worker is available`,
  };
}

/** Only the error's class is told: its message may quote what the actor was working on. */
export function brokenActor(role: string, error: unknown): Failure {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return {
    code: "crashed",
    source: "gateway",
    retryable: true,
    message: `Actor ${role} failed with ${kind}`,
  };
}
