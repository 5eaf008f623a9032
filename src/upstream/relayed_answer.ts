/**
 * Relayed answer: reads along in an answer that is passed through, whole or in events: what it cost,
 * whether it is complete, and whether it is an error, which is not passed on.
 * @module
 */
import { upstreamUsageSchema } from "../openai/chat_response.ts";
import { FailureError } from "../protocol/failure.ts";
import { failureOf, failureOfErrorCode } from "./classify.ts";
import { errorObjectIn } from "./error_object.ts";
import type { SseEvent } from "./sse_events.ts";

export type ReportedUsage = NonNullable<ReturnType<typeof upstreamUsageSchema.safeParse>["data"]>;

export class RelayedAnswer {
  /** The last that was reported. */
  usage: ReportedUsage | undefined;
  /** What was said so far, for an upstream that reports no usage. */
  text = "";
  /** The stream has said its `[DONE]`. */
  done = false;
  #finished = false;
  #fault: FailureError | undefined;

  /** @param now Epoch milliseconds. */
  constructor(readonly now: () => number) {}

  /** @throws {FailureError} where the text is no JSON object, or an error */
  takeWhole(text: string): void {
    this.#read({ data: text });
  }

  /** Takes in what came off the wire; gives it as it is to be sent on, up to the first fault. */
  takeEvents(events: readonly SseEvent[]): string {
    let text = "";
    for (const event of events) {
      if (event.data === "[DONE]") this.done = true;
      else {
        try {
          this.#read(event);
        } catch (error) {
          this.#fault = error as FailureError;
          break;
        }
      }
      text += eventText(event);
      if (this.done) break;
    }
    return text;
  }

  /** @throws {FailureError} the fault that the events had */
  ensureSound(): void {
    if (this.#fault) throw this.#fault;
  }

  /** @throws {FailureError} `connect`, where the stream ended before its answer did */
  ensureComplete(): void {
    if (!this.done && !this.#finished) throw new FailureError(failureOf("connect"));
  }

  #read({ event, data }: SseEvent): void {
    const body = parsed(data);
    const error = errorObjectIn(event === "error" ? { error: body } : body);
    if (error) throw new FailureError(failureOfErrorCode(error.code, this.now()));
    const { usage, choices } = body as { usage?: unknown; choices?: unknown };
    if (usage) this.usage = upstreamUsageSchema.safeParse(usage).data ?? this.usage;
    for (const choice of Array.isArray(choices) ? choices : []) {
      this.#finished ||= Boolean(choice?.finish_reason);
      this.text += textOf(choice);
    }
  }
}

/** What a choice says, of a completion or of a chat's chunk; a chunk's other words as their JSON. */
function textOf(choice: { text?: unknown; delta?: object } | null): string {
  if (typeof choice?.text === "string") return choice.text;
  const { role: _role, ...said } = (choice?.delta ?? {}) as Record<string, unknown>;
  return Object.values(said)
    .map((value) => typeof value === "string" ? value : JSON.stringify(value ?? "")).join("");
}

function eventText({ event, data }: SseEvent): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}data: ${data.replaceAll("\n", "\ndata: ")}\n\n`;
}

function parsed(text: string): object {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) return body;
  } catch { /* as no object */ }
  throw new FailureError(failureOf("malformed"));
}
