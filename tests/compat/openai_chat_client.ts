/**
 * The official `openai` client over chat completions.
 * @module
 */
import assert from "node:assert/strict";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { type Client, EVERY_POLICY, EVERY_STREAM } from "./feature.ts";
import type { House } from "./houses.ts";
import { STATUSES } from "./parts.ts";
import {
  API_KEY,
  assertAnswer,
  assertIdle,
  assertReport,
  assertWeather,
  QUESTION,
  REPORT_QUESTION,
  reportSchema,
  WEATHER_QUESTION,
  weatherService,
  weatherTool,
} from "./scenes.ts";

export function openaiClient({ baseUrl }: Pick<House, "baseUrl">, apiKey = API_KEY): OpenAI {
  return new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 });
}

const CLASSES: Readonly<Record<string, [new (...args: never[]) => Error, number]>> = {
  "fusion/status_400": [OpenAI.BadRequestError, 400],
  "fusion/status_401": [OpenAI.AuthenticationError, 401],
  "fusion/status_403": [OpenAI.PermissionDeniedError, 403],
  "fusion/status_404": [OpenAI.NotFoundError, 404],
  "fusion/status_429": [OpenAI.RateLimitError, 429],
  "fusion/status_500": [OpenAI.InternalServerError, 502],
};

/** The upstream's status keeps its meaning, its words stay behind. */
export function assertStatus(error: unknown, model: string): true {
  const [ErrorClass, status] = CLASSES[model]!;
  assert.ok(error instanceof ErrorClass && error instanceof OpenAI.APIError, `${error}`);
  assert.equal(error.status, status);
  assert.doesNotMatch(JSON.stringify(error.error), /secret/);
  if (status === 429) assert.equal(error.headers!.get("retry-after"), "7");
  return true;
}

const asking = (content: string) => [{ role: "user" as const, content }];

function runnableTool(getWeather: (args: { city: string }) => string) {
  return zodFunction({
    name: weatherTool.name,
    description: weatherTool.description,
    parameters: weatherTool.schema,
    function: getWeather,
  });
}

export const openaiChat: Client = {
  name: "openai, chat completions",
  features: [
    {
      name: "text",
      by: "`create`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { choices, usage, object } = await openaiClient(house).chat.completions.create({
          model,
          messages: asking(QUESTION),
        });
        assert.equal(object, "chat.completion");
        assertAnswer(choices[0]!.message.content);
        assert.equal(choices[0]!.finish_reason, "stop");
        assert.ok(usage!.total_tokens > usage!.completion_tokens);
      },
    },
    {
      name: "text",
      by: "`create`",
      streamed: true,
      profiles: EVERY_STREAM,
      test: async (house, model) => {
        let text = "";
        let finish: string | null = null;
        let tokens = 0;
        const stream = await openaiClient(house).chat.completions.create({
          model,
          messages: asking(QUESTION),
          stream: true,
          stream_options: { include_usage: true },
        });
        for await (const { choices: [choice], usage } of stream) {
          text += choice?.delta.content ?? "";
          finish = choice?.finish_reason ?? finish;
          tokens = usage?.total_tokens ?? tokens;
        }
        assertAnswer(text);
        assert.equal(finish, "stop");
        assert.ok(tokens > 0);
      },
    },
    {
      name: "tools",
      by: "`runTools`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { cities, getWeather } = weatherService();
        const runner = openaiClient(house).chat.completions.runTools({
          model,
          messages: asking(WEATHER_QUESTION),
          tools: [runnableTool(getWeather)],
        });
        assertWeather(await runner.finalContent(), cities);
      },
    },
    {
      name: "tools",
      by: "`runTools`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { cities, getWeather } = weatherService();
        const runner = openaiClient(house).chat.completions.runTools({
          model,
          messages: asking(WEATHER_QUESTION),
          tools: [runnableTool(getWeather)],
          stream: true,
        });
        assertWeather(await runner.finalContent(), cities);
      },
    },
    {
      name: "structured",
      by: "`parse` with zod",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { choices } = await openaiClient(house).chat.completions.parse({
          model,
          messages: asking(REPORT_QUESTION),
          response_format: zodResponseFormat(reportSchema, "report"),
        });
        assertReport(choices[0]!.message.parsed);
      },
    },
    {
      name: "structured",
      by: "`stream` with zod",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const stream = openaiClient(house).chat.completions.stream({
          model,
          messages: asking(REPORT_QUESTION),
          response_format: zodResponseFormat(reportSchema, "report"),
        });
        assertReport((await stream.finalChatCompletion()).choices[0]!.message.parsed);
      },
    },
    {
      name: "broken stream",
      by: "`create`",
      streamed: true,
      profiles: ["cut"],
      test: async (house, model) => {
        const stream = await openaiClient(house).chat.completions.create({
          model,
          messages: asking(QUESTION),
          stream: true,
        });
        const finishes: string[] = [];
        await assert.rejects(async () => {
          for await (const { choices: [choice] } of stream) {
            if (choice?.finish_reason) finishes.push(choice.finish_reason);
          }
        }, OpenAI.APIError);
        assert.deepEqual(finishes, []);
      },
    },
    {
      name: "abort",
      by: "`controller.abort`",
      streamed: true,
      profiles: ["endless"],
      test: async (house, model) => {
        const stream = await openaiClient(house).chat.completions.create({
          model,
          messages: asking(QUESTION),
          stream: true,
        });
        for await (const { choices: [choice] } of stream) {
          if (choice?.delta.content) stream.controller.abort();
        }
        await assertIdle(house);
      },
    },
    {
      name: "errors",
      by: "a class for each status",
      streamed: false,
      profiles: STATUSES.map((status) => `status_${status}`),
      test: async (house, model) => {
        const asked = openaiClient(house).chat.completions.create({
          model,
          messages: asking(QUESTION),
        });
        await assert.rejects(asked, (error) => assertStatus(error, model));
      },
    },
  ],
};
