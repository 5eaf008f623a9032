/**
 * Vercel's `ai` with `@ai-sdk/openai-compatible`.
 * @module
 */
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  generateObject,
  generateText,
  isStepCount,
  streamObject,
  streamText,
  tool,
} from "ai";
import { type Client, EVERY_POLICY, EVERY_STREAM } from "./feature.ts";
import type { House } from "./houses.ts";
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

function languageModel({ baseUrl }: House, id: string) {
  const provider = createOpenAICompatible({
    name: "tutti",
    baseURL: baseUrl,
    apiKey: API_KEY,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  return provider(id);
}

function tools(getWeather: (args: { city: string }) => string) {
  return {
    [weatherTool.name]: tool({
      description: weatherTool.description,
      inputSchema: weatherTool.schema,
      execute: (args) => getWeather(args),
    }),
  };
}

// It is told of what its makers would do in another way today.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

const quiet = { maxRetries: 0, onError: () => {} };

export const aiSdk: Client = {
  name: "ai, @ai-sdk/openai-compatible",
  features: [
    {
      name: "text",
      by: "`generateText`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, id) => {
        const model = languageModel(house, id);
        const { text, finishReason, usage } = await generateText({ model, prompt: QUESTION });
        assertAnswer(text);
        assert.equal(finishReason, "stop");
        assert.ok(usage.totalTokens! > usage.outputTokens!);
      },
    },
    {
      name: "text",
      by: "`streamText`",
      streamed: true,
      profiles: EVERY_STREAM,
      test: async (house, id) => {
        const result = streamText({ model: languageModel(house, id), prompt: QUESTION, ...quiet });
        let text = "";
        for await (const piece of result.textStream) text += piece;
        assertAnswer(text);
        assert.equal(await result.finishReason, "stop");
        assert.ok((await result.usage).totalTokens! > 0);
      },
    },
    {
      name: "tools",
      by: "`generateText`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, id) => {
        const { cities, getWeather } = weatherService();
        const { text } = await generateText({
          model: languageModel(house, id),
          prompt: WEATHER_QUESTION,
          tools: tools(getWeather),
          stopWhen: isStepCount(3),
        });
        assertWeather(text, cities);
      },
    },
    {
      name: "tools",
      by: "`streamText`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, id) => {
        const { cities, getWeather } = weatherService();
        const result = streamText({
          model: languageModel(house, id),
          prompt: WEATHER_QUESTION,
          tools: tools(getWeather),
          stopWhen: isStepCount(3),
          ...quiet,
        });
        assertWeather(await result.text, cities);
      },
    },
    {
      name: "structured",
      by: "`generateObject`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, id) => {
        const { object } = await generateObject({
          model: languageModel(house, id),
          prompt: REPORT_QUESTION,
          schema: reportSchema,
        });
        assertReport(object);
      },
    },
    {
      name: "structured",
      by: "`streamObject`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, id) => {
        const result = streamObject({
          model: languageModel(house, id),
          prompt: REPORT_QUESTION,
          schema: reportSchema,
          ...quiet,
        });
        for await (const _ of result.partialObjectStream);
        assertReport(await result.object);
      },
    },
    {
      name: "broken stream",
      by: "`streamText`",
      streamed: true,
      profiles: ["cut"],
      test: async (house, id) => {
        const result = streamText({ model: languageModel(house, id), prompt: QUESTION, ...quiet });
        const types: string[] = [];
        for await (const { type } of result.fullStream) types.push(type);
        assert.ok(types.includes("error"), types.join());
      },
    },
    {
      name: "abort",
      by: "`abortSignal`",
      streamed: true,
      profiles: ["endless"],
      test: async (house, id) => {
        const abort = new AbortController();
        const result = streamText({
          model: languageModel(house, id),
          prompt: QUESTION,
          abortSignal: abort.signal,
          ...quiet,
        });
        const types = new Set<string>();
        for await (const { type } of result.fullStream) {
          types.add(type);
          if (type === "text-delta") abort.abort();
        }
        assert.ok(types.has("abort"));
        await assertIdle(house);
      },
    },
    {
      name: "errors",
      by: "`APICallError`",
      streamed: false,
      profiles: ["status_429"],
      test: async (house, id) => {
        const asked = generateText({
          model: languageModel(house, id),
          prompt: QUESTION,
          maxRetries: 0,
        });
        await assert.rejects(asked, (error) => {
          assert.ok(APICallError.isInstance(error));
          assert.equal(error.statusCode, 429);
          assert.equal(error.isRetryable, true);
          assert.equal(error.responseHeaders?.["retry-after"], "7");
          return true;
        });
      },
    },
  ],
};
