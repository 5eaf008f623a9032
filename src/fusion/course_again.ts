/**
 * Course of asking again: what follows when an ask has failed, before its failure counts: the same
 * model once more after a while, or the slot's fallback model; and the second ask of a slot whose
 * first one is slow. Pure.
 *
 * The waits are drawn evenly from zero to a bound that doubles, so that those who failed together do
 * not come again together. Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog
 * (full jitter).
 * @module
 */
import type { FailureCode } from "../protocol/failure.ts";
import { ask } from "./course_moves.ts";
import { type AskRecord, bySlot, type CourseState, hasQuorum, type Step } from "./course_state.ts";
import { seededRandom } from "./seeded_random.ts";

/** A worker that dies takes an ask with it; the ask is made again this often. */
const CRASH_RETRIES = 1;
/** What kills one worker may kill the next: the ask waits until it is over and one is up again. */
const AFTER_CRASH_MS = 50;

/** Bound of the first wait before an upstream is asked again; it doubles with every further one. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** What may go well the next time, if the upstream's failure says so. */
const PASSING: ReadonlySet<FailureCode> = new Set([
  "connect",
  "http_429",
  "http_5xx",
  "malformed",
  "timeout",
]);
/** What says nothing of the model: another one would fare no better, or nobody wants to know. */
const NOT_THE_MODELS: ReadonlySet<FailureCode> = new Set([
  "cancelled",
  "crashed",
  "overloaded",
  "unavailable",
]);

/**
 * What is done about an ask that has failed; undefined where its failure stands.
 * @param how.overBudget the process makes too many retries already
 */
export function askAgain(
  state: CourseState,
  failed: AskRecord,
  how: { readonly at: number; readonly overBudget: boolean },
): Step | undefined {
  if (!isWanted(state, failed)) return undefined;
  const twins = asksOfSlot(state, failed);
  // Its hedge, or what it was the hedge of, may still answer.
  if (twins.some(({ status }) => status === "open")) return [state, []];
  const startAt = retryAt(state, failed, { ...how, twins });
  const next = { ...failed, attempt: twins.length };
  if (startAt !== undefined && startAt < state.limitAt) {
    return ask(state, startAt, { ...next, cause: "retry" });
  }
  return hasFallback(state, failed, twins) && how.at < state.limitAt
    ? ask(state, how.at, { ...next, target: "fallback", cause: "fallback" })
    : undefined;
}

/** A slot is slow: its fallback is asked beside it, or the same model once more. */
export function hedge(state: CourseState, id: string, at: number): Step {
  const slow = state.asks.find((each) => each.id === id);
  if (slow?.status !== "open" || !isWanted(state, slow) || at >= state.limitAt) return [state, []];
  const twins = asksOfSlot(state, slow);
  const target = hasFallback(state, slow, twins) ? "fallback" : slow.target;
  return ask(state, at, { ...slow, attempt: twins.length, target, cause: "hedge" });
}

/** Whether one more answer of the slot would be of use. */
function isWanted(state: CourseState, { stage }: AskRecord): boolean {
  return stage === "panel" ? !hasQuorum(state) : !state.streaming;
}

/** When the same model is asked once more; undefined where it is not. */
function retryAt(
  { plan: { retry } }: CourseState,
  { id, failure, status, target }: AskRecord,
  { at, overBudget, twins }: { at: number; overBudget: boolean; twins: readonly AskRecord[] },
): number | undefined {
  if (!failure?.retryable) return undefined;
  const tried = twins.filter((each) => each.target === target);
  const crashes = tried.filter(isCrash).length;
  if (status === "crashed" || status === "unavailable") {
    return crashes <= CRASH_RETRIES ? at + AFTER_CRASH_MS : undefined;
  }
  const attempts = tried.length - crashes;
  if (!retry || overBudget || attempts >= retry.maxAttempts || !PASSING.has(failure.code)) {
    return undefined;
  }
  const asked = failure.retryAfterMs ?? 0;
  if (asked > retry.maxWaitMs) return undefined;
  const bound = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  return at + asked + seededRandom(`${retry.seed}/${id}`)() * bound;
}

function isCrash({ status }: AskRecord): boolean {
  return status === "crashed" || status === "unavailable";
}

function hasFallback(
  { plan }: CourseState,
  { stage, slot, status }: AskRecord,
  twins: readonly AskRecord[],
): boolean {
  if (status !== "open" && status !== "answered" && NOT_THE_MODELS.has(status)) return false;
  return bySlot(plan.fallbackTimeoutMs, { stage, slot }) !== undefined &&
    twins.every(({ target }) => target === "primary");
}

function asksOfSlot(
  { asks }: CourseState,
  { stage, layer, slot }: AskRecord,
): readonly AskRecord[] {
  return asks.filter((each) => each.stage === stage && each.layer === layer && each.slot === slot);
}
