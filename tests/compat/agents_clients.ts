/**
 * `@openai/agents`, over chat completions and over responses.
 * @module
 */
import assert from "node:assert/strict";
import {
  Agent,
  type Model,
  OpenAIChatCompletionsModel,
  OpenAIResponsesModel,
  run,
  setTracingDisabled,
  tool,
} from "@openai/agents";
import { type Client, EVERY_POLICY, EVERY_STREAM, type Feature } from "./feature.ts";
import type { House } from "./houses.ts";
import { openaiClient } from "./openai_chat_client.ts";
import {
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

// Traces go to OpenAI.
setTracingDisabled(true);

type MakeModel = (house: House, model: string) => Model;

function weatherAgent(model: Model, getWeather: (args: { city: string }) => string) {
  const weather = tool({
    name: weatherTool.name,
    description: weatherTool.description,
    parameters: weatherTool.schema,
    execute: (args) => getWeather(args),
  });
  return new Agent({ name: "Weather", instructions: "Use your tool.", model, tools: [weather] });
}

function features(modelOf: MakeModel): Feature[] {
  const talker = (house: House, model: string) =>
    new Agent({ name: "Talker", instructions: "Be brief.", model: modelOf(house, model) });
  const reporter = (house: House, model: string) =>
    new Agent({
      name: "Reporter",
      instructions: "Report.",
      model: modelOf(house, model),
      outputType: reportSchema,
    });
  return [
    {
      name: "text",
      by: "`run`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        assertAnswer((await run(talker(house, model), QUESTION)).finalOutput);
      },
    },
    {
      name: "text",
      by: "`run`",
      streamed: true,
      profiles: EVERY_STREAM,
      test: async (house, model) => {
        const result = await run(talker(house, model), QUESTION, { stream: true });
        let text = "";
        for await (const piece of result.toTextStream()) text += piece;
        await result.completed;
        assertAnswer(text);
        assert.equal(result.finalOutput, text);
      },
    },
    {
      name: "tools",
      by: "`tool`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { cities, getWeather } = weatherService();
        const agent = weatherAgent(modelOf(house, model), getWeather);
        assertWeather((await run(agent, WEATHER_QUESTION)).finalOutput, cities);
      },
    },
    {
      name: "tools",
      by: "`tool`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { cities, getWeather } = weatherService();
        const agent = weatherAgent(modelOf(house, model), getWeather);
        const result = await run(agent, WEATHER_QUESTION, { stream: true });
        for await (const _ of result);
        await result.completed;
        assertWeather(result.finalOutput, cities);
      },
    },
    {
      name: "structured",
      by: "`outputType`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        assertReport((await run(reporter(house, model), REPORT_QUESTION)).finalOutput);
      },
    },
    {
      name: "structured",
      by: "`outputType`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const result = await run(reporter(house, model), REPORT_QUESTION, { stream: true });
        for await (const _ of result);
        await result.completed;
        assertReport(result.finalOutput);
      },
    },
    {
      name: "broken stream",
      by: "`run`",
      streamed: true,
      profiles: ["cut"],
      test: async (house, model) => {
        const result = await run(talker(house, model), QUESTION, { stream: true });
        await assert.rejects(async () => {
          for await (const _ of result);
          await result.completed;
        });
      },
    },
    {
      name: "abort",
      by: "`signal`",
      streamed: true,
      profiles: ["endless"],
      test: async (house, model) => {
        const abort = new AbortController();
        const result = await run(talker(house, model), QUESTION, {
          stream: true,
          signal: abort.signal,
        });
        for await (const piece of result.toTextStream()) if (piece !== "") abort.abort();
        await assertIdle(house);
      },
    },
    {
      name: "errors",
      by: "`error.status`",
      streamed: false,
      profiles: ["status_429"],
      test: async (house, model) => {
        await assert.rejects(run(talker(house, model), QUESTION), { status: 429 });
      },
    },
  ];
}

export const agentsChat: Client = {
  name: "@openai/agents, chat completions",
  features: features((house, model) => new OpenAIChatCompletionsModel(openaiClient(house), model)),
};

export const agentsResponses: Client = {
  name: "@openai/agents, responses",
  features: features((house, model) => new OpenAIResponsesModel(openaiClient(house), model)),
};
