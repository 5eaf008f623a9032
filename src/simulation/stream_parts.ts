/**
 * Stream parts: a reply as the server-sent events of a streamed chat completion, each with its
 * moment.
 * Source: OpenAI API reference, "The chat completion chunk object".
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import type { StreamOptions } from "./answer_format.ts";
import { SYSTEM_FINGERPRINT } from "./completion_body.ts";
import { logprobsOf } from "./logprobs.ts";
import type { Part } from "./part.ts";
import type { Reply, ReplyChoice } from "./reply.ts";
import { countTokens, splitPieces } from "./tokens.ts";

/** The first event waits for the first token, every other for its own; choices take turns. */
export function streamParts(reply: Reply, options: StreamOptions): Part[] {
  const { request, usage } = options;
  const tellsUsage = request.stream_options?.include_usage === true && usage !== null;
  const head = `data: {"id":${
    JSON.stringify(reply.id)
  },"object":"chat.completion.chunk","created":${reply.created},"model":${
    JSON.stringify(reply.model)
  },"system_fingerprint":"${SYSTEM_FINGERPRINT}","choices":[`;
  const tail = tellsUsage ? `],"usage":null}\n\n` : "]}\n\n";

  const parts: Part[] = [];
  for (const step of takeTurns(reply.choices.map((choice, at) => stepsOf(choice, at, request)))) {
    const afterMs = parts.length === 0 ? options.firstTokenMs : options.writingMs(step.tokens);
    parts.push({ bytes: head + step.choice + tail, afterMs });
  }
  if (tellsUsage) {
    parts.push({ bytes: `${head}],"usage":${JSON.stringify(usage)}}\n\n`, afterMs: 0 });
  }
  parts.push({ bytes: "data: [DONE]\n\n", afterMs: 0 });
  return parts;
}

interface Step {
  /** JSON of one `choices[]` element. */
  readonly choice: string;
  readonly tokens: number;
}

function* stepsOf(choice: ReplyChoice, index: number, request: ChatRequest): Generator<Step> {
  const step = (delta: string, tokens: number, logprobs = "null"): Step => ({
    choice: `{"index":${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":null}`,
    tokens,
  });
  yield step(`{"role":"assistant","content":${choice.content === null ? "null" : '""'}}`, 0);
  for (const piece of splitPieces(choice.reasoning)) {
    yield step(`{"reasoning_content":${JSON.stringify(piece)}}`, countTokens(piece));
  }
  for (const piece of splitPieces(choice.content ?? "")) {
    const logprobs = request.logprobs === true
      ? JSON.stringify(logprobsOf([piece], request))
      : undefined;
    yield step(`{"content":${JSON.stringify(piece)}}`, countTokens(piece), logprobs);
  }
  for (const [at, call] of choice.toolCalls.entries()) {
    const opening = {
      index: at,
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: "" },
    };
    yield step(`{"tool_calls":[${JSON.stringify(opening)}]}`, countTokens(call.name));
    for (const piece of call.arguments.match(/[^]{1,12}/gu) ?? []) {
      const more = { index: at, function: { arguments: piece } };
      yield step(`{"tool_calls":[${JSON.stringify(more)}]}`, countTokens(piece));
    }
  }
  yield {
    choice: `{"index":${index},"delta":{},"logprobs":null,"finish_reason":${
      JSON.stringify(choice.finishReason)
    }}`,
    tokens: 0,
  };
}

/** One value of each generator in turn, until all are through. */
function* takeTurns<T>(generators: readonly Generator<T>[]): Generator<T> {
  let open = [...generators];
  while (open.length > 0) {
    const done = new Set<Generator<T>>();
    for (const generator of open) {
      const next = generator.next();
      if (next.done) done.add(generator);
      else yield next.value;
    }
    open = open.filter((generator) => !done.has(generator));
  }
}
