/**
 * The upstream by somebody else, with the parts that the matrix needs, in a worker; says its URL.
 * @module
 */
/// <reference lib="deno.worker" />
import { type ChatCompletionRequest, type Fixture, LLMock } from "@copilotkit/aimock";
import { ENDLESS, STATUSES, WEATHER } from "./parts.ts";

type Part = (request: ChatCompletionRequest) => boolean;

const fixture = (when: Part, response: Fixture["response"], more: Partial<Fixture> = {}) => ({
  match: { predicate: when },
  response,
  chunkSize: 12,
  streamingProfile: { ttft: 10, tps: 500 },
  ...more,
});

const isModel = (name: string): Part => ({ model }) => model === name;
/** Whether a tool has answered since the user spoke last. */
const hasResult: Part = ({ messages }) => messages.at(-1)?.role === "tool";
const hasTools: Part = ({ tools, tool_choice }) =>
  (tools?.length ?? 0) > 0 && tool_choice !== "none";
const wantsJson: Part = ({ response_format, model }) =>
  response_format?.type === "json_schema" && model !== "judge";

/** Calls the first tool, with whatever this mock knows that it takes. */
const firstTool = ({ tools }: ChatCompletionRequest) => ({
  name: tools![0]!.function.name,
  arguments: JSON.stringify({ city: "Paris", value: "CANARY_OK" }),
});

const FIXTURES: readonly Fixture[] = [
  ...STATUSES.map((status) =>
    fixture(isModel(`status-${status}`), {
      error: { message: "secret words of the upstream", type: "mock_error" },
      status,
      retryAfter: 7,
    })
  ),
  fixture(isModel("cut"), { content: "An answer that never gets to its own end. ".repeat(8) }, {
    truncateAfterChunks: 6,
  }),
  fixture(isModel("endless"), { content: ENDLESS }, { streamingProfile: { ttft: 10, tps: 50 } }),
  fixture((request) => wantsJson(request) && schemaName(request) === "compatcanary_status", {
    content: '{"status":"ok"}',
  }),
  fixture(wantsJson, { content: '{"city":"Paris","degrees":18}' }),
  fixture(
    (request) => hasTools(request) && !hasResult(request),
    (request) => ({ toolCalls: [firstTool(request)] }),
  ),
  fixture(hasResult, { content: `In Paris there are ${WEATHER}.` }),
  fixture(() => true, {
    content: "The sky is dark because the universe is young, and it expands.",
  }),
];

function schemaName({ response_format: format }: ChatCompletionRequest): unknown {
  return (format as { json_schema?: { name?: unknown } } | undefined)?.json_schema?.name;
}

const mock = new LLMock({ port: 0, host: "127.0.0.1" });
mock.addFixtures([...FIXTURES]);
await mock.start();
self.postMessage(mock.url);
