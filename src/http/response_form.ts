/**
 * A run's answer in the words of the Responses API: whole, or in the events of a stream.
 *
 * How the answer ended is held back until the run has settled: what was being written when a run
 * failed is not reported as done, and such a stream ends in `response.failed`.
 * Source: OpenAI API reference, "The response object", "Streaming events".
 * @module
 */
import type { Answered, Delta, Failed, Outcome } from "../fusion/outcome.ts";
import { traceBody } from "../observe/trace.ts";
import {
  endingOf,
  type ResponseBody,
  responseBody,
  type ResponseHead,
} from "../openai/response_body.ts";
import { type ResponseEvent, ResponseOutput } from "../openai/response_output.ts";
import { usageBody } from "../openai/usage_body.ts";
import { failedError, internalError } from "./error_response.ts";
import type { EventWriter } from "./run_stream.ts";
import type { AnswerForm } from "./serve_run.ts";
import { namedEvent } from "./sse.ts";

export interface ResponseFormOptions extends ResponseHead {
  /** Unique to the response; its items are named after it. */
  readonly word: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Called with the response once it has been answered, before its client gets it. */
  readonly onAnswered: (body: ResponseBody) => void;
}

export function responseForm(options: ResponseFormOptions): AnswerForm {
  return {
    whole: (answered) => {
      const [choice] = answered.choices;
      const output = new ResponseOutput(options.word);
      if (choice) output.take(choice);
      output.end(endingOf(choice?.finish_reason).status);
      return settledBody(answered, choice?.finish_reason, { ...options, output });
    },
    events: () => new ResponseEvents(options),
  };
}

function settledBody(
  answered: Answered,
  finishReason: string | null | undefined,
  { output, ...options }: ResponseFormOptions & { readonly output: ResponseOutput },
): ResponseBody {
  const { serviceTier } = answered;
  const body = responseBody(options, {
    ...endingOf(finishReason),
    output: output.items,
    usage: usageBody(answered.usage),
    completedAt: Math.floor(options.now() / 1_000),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(options.request.fusion?.trace && { fusion: traceBody(answered) }),
  });
  options.onAnswered(body);
  return body;
}

class ResponseEvents implements EventWriter {
  readonly #output: ResponseOutput;
  #finishReason: string | undefined;
  #sequence = 0;

  constructor(readonly options: ResponseFormOptions) {
    this.#output = new ResponseOutput(options.word);
  }

  opening(): string {
    return this.#ofResponse("response.created", this.#underWay()) + this.idle();
  }

  idle(): string {
    return this.#ofResponse("response.in_progress", this.#underWay());
  }

  delta({ choices }: Delta): string {
    // A response has one answer.
    const choice = choices.find(({ index }) => (index ?? 0) === 0);
    if (!choice) return "";
    const { finish_reason: reason } = choice;
    if (typeof reason === "string" && reason !== "") this.#finishReason = reason;
    return this.#all(this.#output.take(choice));
  }

  closing(outcome: Outcome | undefined): string {
    if (outcome === undefined) {
      const { code, message, param } = internalError().body.error;
      return this.#event({ type: "error", code, message, param });
    }
    if (outcome.type === "failed") return this.#failed(outcome);
    const reason = this.#finishReason ?? outcome.choices[0]?.finish_reason;
    const ended = this.#output.end(endingOf(reason).status);
    const body = settledBody(outcome, reason, { ...this.options, output: this.#output });
    return this.#all(ended) + this.#ofResponse(`response.${body.status}`, body);
  }

  #failed(failed: Failed): string {
    const { message, code, type, fusion } = failedError(failed).body.error;
    // Nothing that was under way is told to be done.
    this.#output.end("incomplete");
    const body = responseBody(this.options, {
      status: "failed",
      output: this.#output.items,
      error: { code: code ?? type, message, ...(fusion && { fusion }) },
      usage: usageBody(failed.usage),
    });
    return this.#ofResponse("response.failed", body);
  }

  #underWay(): ResponseBody {
    return responseBody(this.options, { status: "in_progress", output: [] });
  }

  #ofResponse(type: string, response: ResponseBody): string {
    return this.#event({ type, response });
  }

  #all(events: readonly ResponseEvent[]): string {
    return events.map((event) => this.#event(event)).join("");
  }

  #event({ type, ...rest }: ResponseEvent): string {
    const sequence_number = this.#sequence++;
    return namedEvent(type, JSON.stringify({ type, sequence_number, ...rest }));
  }
}
