/**
 * `@langchain/openai`, over chat completions.
 * @module
 */
import assert from "node:assert/strict";
import { type AIMessageChunk, HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
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

function chatModel({ baseUrl }: House, model: string): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: API_KEY,
    maxRetries: 0,
    configuration: { baseURL: baseUrl },
  });
}

/** All that a stream said, as one message. */
async function gathered(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) whole = whole === undefined ? chunk : whole.concat(chunk);
  return whole!;
}

/** Calls tools until there is nothing to call any more; gives what was said then. */
async function toolLoop(house: House, { model, streamed }: { model: string; streamed: boolean }) {
  const { cities, getWeather } = weatherService();
  const weather = tool((args: { city: string }) => getWeather(args), weatherTool);
  const agent = chatModel(house, model).bindTools([weather]);
  const messages: Parameters<typeof agent.invoke>[0] & unknown[] = [
    new HumanMessage(WEATHER_QUESTION),
  ];
  for (let step = 0; step < 3; step++) {
    const said = streamed
      ? await gathered(await agent.stream(messages))
      : await agent.invoke(messages);
    messages.push(said);
    if (!said.tool_calls?.length) return { text: said.text, cities };
    for (const call of said.tool_calls) {
      messages.push(await weather.invoke({ ...call, type: "tool_call" }));
    }
  }
  return assert.fail("The loop does not end");
}

export const langchain: Client = {
  name: "@langchain/openai",
  features: [
    {
      name: "text",
      by: "`invoke`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { text, usage_metadata } = await chatModel(house, model).invoke(QUESTION);
        assertAnswer(text);
        assert.ok(usage_metadata!.total_tokens > usage_metadata!.output_tokens);
      },
    },
    {
      name: "text",
      by: "`stream`",
      streamed: true,
      profiles: EVERY_STREAM,
      test: async (house, model) => {
        const { text, usage_metadata } = await gathered(
          await chatModel(house, model).stream(QUESTION),
        );
        assertAnswer(text);
        assert.ok(usage_metadata!.total_tokens > 0);
      },
    },
    {
      name: "tools",
      by: "`bindTools`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { text, cities } = await toolLoop(house, { model, streamed: false });
        assertWeather(text, cities);
      },
    },
    {
      name: "tools",
      by: "`bindTools`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { text, cities } = await toolLoop(house, { model, streamed: true });
        assertWeather(text, cities);
      },
    },
    {
      name: "structured",
      by: "`withStructuredOutput`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const structured = chatModel(house, model).withStructuredOutput(reportSchema, {
          name: "report",
          method: "jsonSchema",
        });
        assertReport(await structured.invoke(REPORT_QUESTION));
      },
    },
    {
      name: "structured",
      by: "`withStructuredOutput`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const structured = chatModel(house, model).withStructuredOutput(reportSchema, {
          name: "report",
          method: "jsonSchema",
        });
        let last: unknown;
        for await (const part of await structured.stream(REPORT_QUESTION)) last = part;
        assertReport(last);
      },
    },
    {
      name: "broken stream",
      by: "`stream`",
      streamed: true,
      profiles: ["cut"],
      test: async (house, model) => {
        const stream = await chatModel(house, model).stream(QUESTION);
        await assert.rejects(gathered(stream));
      },
    },
    {
      name: "abort",
      by: "`signal`",
      streamed: true,
      profiles: ["endless"],
      test: async (house, model) => {
        const abort = new AbortController();
        const stream = await chatModel(house, model).stream(QUESTION, { signal: abort.signal });
        await assert.rejects(async () => {
          for await (const { text } of stream) if (text !== "") abort.abort();
        });
        await assertIdle(house);
      },
    },
    {
      name: "errors",
      by: "`error.status`",
      streamed: false,
      profiles: ["status_429"],
      test: async (house, model) => {
        await assert.rejects(chatModel(house, model).invoke(QUESTION), { status: 429 });
      },
    },
  ],
};
