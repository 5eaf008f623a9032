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
  const head = JSON.stringify({
    id: reply.id,
    object: "chat.completion.chunk",
    created: reply.created,
    model: reply.model,
    system_fingerprint: SYSTEM_FINGERPRINT,
  }).slice(0, -1);
  // One flat text each, so that the hundreds of events are cheap to put together.
  const close = ["}]", tellsUsage ? ',"usage":null' : "", "}\n\n"].join("");
  const open = reply.choices.map((_, index) =>
    ["data: ", head, ',"choices":[{"index":', index, ',"delta":'].join("")
  );

  const parts: Part[] = [];
  for (const { index, text, tokens } of takeTurns(reply.choices, request)) {
    const afterMs = parts.length === 0 ? options.firstTokenMs : options.writingMs(tokens);
    parts.push({ bytes: open[index] + text + close, afterMs });
  }
  if (tellsUsage) {
    const told = `data: ${head},"choices":[],"usage":${JSON.stringify(usage)}}\n\n`;
    parts.push({ bytes: told, afterMs: 0, tellsUsage: true });
  }
  parts.push({ bytes: "data: [DONE]\n\n", afterMs: 0 });
  return parts;
}

interface Step {
  /** JSON of a choice's delta and of what follows it, up to the choice's closing brace. */
  readonly text: string;
  readonly tokens: number;
}

const UNFINISHED = ',"logprobs":null,"finish_reason":null';

function* stepsOf(choice: ReplyChoice, request: ChatRequest): Generator<Step> {
  const start = { role: "assistant", content: choice.content === null ? null : "" };
  yield { text: JSON.stringify(start) + UNFINISHED, tokens: 0 };
  for (const piece of splitPieces(choice.reasoning)) {
    const text = `{"reasoning_content":${JSON.stringify(piece)}}${UNFINISHED}`;
    yield { text, tokens: countTokens(piece) };
  }
  for (const piece of splitPieces(choice.content ?? "")) {
    const after = request.logprobs === true
      ? `,"logprobs":${JSON.stringify(logprobsOf([piece], request))},"finish_reason":null`
      : UNFINISHED;
    yield { text: `{"content":${JSON.stringify(piece)}}${after}`, tokens: countTokens(piece) };
  }
  for (const [index, { id, name, arguments: args }] of choice.toolCalls.entries()) {
    const call = { index, id, type: "function", function: { name, arguments: "" } };
    yield toolStep(call, countTokens(name));
    for (const piece of args.match(/[^]{1,12}/gu) ?? []) {
      yield toolStep({ index, function: { arguments: piece } }, countTokens(piece));
    }
  }
  const finish = JSON.stringify(choice.finishReason);
  yield { text: `{},"logprobs":null,"finish_reason":${finish}`, tokens: 0 };
}

const toolStep = (call: object, tokens: number): Step => ({
  text: JSON.stringify({ tool_calls: [call] }) + UNFINISHED,
  tokens,
});

/** One step of each choice in turn, until all are through. */
function* takeTurns(
  choices: readonly ReplyChoice[],
  request: ChatRequest,
): Generator<Step & { index: number }> {
  let open = choices.map((choice, index) => ({ index, steps: stepsOf(choice, request) }));
  while (open.length > 0) {
    const through = new Set<number>();
    for (const { index, steps } of open) {
      const { done, value } = steps.next();
      if (done) through.add(index);
      else yield { index, text: value.text, tokens: value.tokens };
    }
    if (through.size > 0) open = open.filter(({ index }) => !through.has(index));
  }
}
