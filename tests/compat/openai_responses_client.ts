/**
 * The official `openai` client over responses.
 * @module
 */
import assert from "node:assert/strict";
import { zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import type { Response, ResponseInputItem } from "openai/resources/responses/responses";
import { type Client, EVERY_POLICY, EVERY_STREAM } from "./feature.ts";
import type { House } from "./houses.ts";
import { assertStatus, openaiClient } from "./openai_chat_client.ts";
import { STATUSES } from "./parts.ts";
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

const tool = zodResponsesFunction({
  name: weatherTool.name,
  description: weatherTool.description,
  parameters: weatherTool.schema,
});

/** Calls tools until there is nothing to call any more; gives what was said then. */
async function toolLoop(house: House, { model, streamed }: { model: string; streamed: boolean }) {
  const { responses } = openaiClient(house);
  const { cities, getWeather } = weatherService();
  const input: ResponseInputItem[] = [{ role: "user", content: WEATHER_QUESTION }];
  for (let step = 0; step < 3; step++) {
    const request = { model, input, tools: [tool] };
    const response: Response = streamed
      ? await responses.stream(request).finalResponse()
      : await responses.create(request);
    const calls = response.output.filter((item) => item.type === "function_call");
    if (calls.length === 0) return { text: response.output_text, cities };
    input.push(...response.output as ResponseInputItem[]);
    for (const { call_id, arguments: args } of calls) {
      const output = getWeather(weatherTool.schema.parse(JSON.parse(args)));
      input.push({ type: "function_call_output", call_id, output });
    }
  }
  return assert.fail("The loop does not end");
}

export const openaiResponses: Client = {
  name: "openai, responses",
  features: [
    {
      name: "text",
      by: "`create`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const response = await openaiClient(house).responses.create({ model, input: QUESTION });
        assert.equal(response.status, "completed");
        assertAnswer(response.output_text);
        assert.ok(response.usage!.total_tokens > response.usage!.output_tokens);
      },
    },
    {
      name: "text",
      by: "`create`",
      streamed: true,
      profiles: EVERY_STREAM,
      test: async (house, model) => {
        let text = "";
        let completed = "";
        let sequence = 0;
        const stream = await openaiClient(house).responses.create({
          model,
          input: QUESTION,
          stream: true,
        });
        for await (const event of stream) {
          assert.equal(event.sequence_number, sequence++);
          if (event.type === "response.output_text.delta") text += event.delta;
          if (event.type !== "response.completed") continue;
          const [item] = event.response.output;
          assert.ok(item?.type === "message" && item.content[0]?.type === "output_text");
          completed = item.content[0].text;
        }
        assertAnswer(text);
        assert.equal(completed, text);
      },
    },
    {
      name: "tools",
      by: "`create`",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { text, cities } = await toolLoop(house, { model, streamed: false });
        assertWeather(text, cities);
      },
    },
    {
      name: "tools",
      by: "`stream`",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { text, cities } = await toolLoop(house, { model, streamed: true });
        assertWeather(text, cities);
      },
    },
    {
      name: "structured",
      by: "`parse` with zod",
      streamed: false,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const { output_parsed } = await openaiClient(house).responses.parse({
          model,
          input: REPORT_QUESTION,
          text: { format: zodTextFormat(reportSchema, "report") },
        });
        assertReport(output_parsed);
      },
    },
    {
      name: "structured",
      by: "`stream` with zod",
      streamed: true,
      profiles: EVERY_POLICY,
      test: async (house, model) => {
        const stream = openaiClient(house).responses.stream({
          model,
          input: REPORT_QUESTION,
          text: { format: zodTextFormat(reportSchema, "report") },
        });
        assertReport((await stream.finalResponse()).output_parsed);
      },
    },
    {
      name: "broken stream",
      by: "`stream`",
      streamed: true,
      profiles: ["cut"],
      test: async (house, model) => {
        const stream = openaiClient(house).responses.stream({ model, input: QUESTION });
        const types = new Set<string>();
        for await (const { type } of stream) types.add(type);
        assert.ok(types.has("response.failed"));
        assert.ok(!types.has("response.completed") && !types.has("response.output_text.done"));
        const { status, error } = await stream.finalResponse();
        assert.deepEqual([status, error?.code], ["failed", "upstream_error"]);
      },
    },
    {
      name: "abort",
      by: "`controller.abort`",
      streamed: true,
      profiles: ["endless"],
      test: async (house, model) => {
        const stream = await openaiClient(house).responses.create({
          model,
          input: QUESTION,
          stream: true,
        });
        for await (const { type } of stream) {
          if (type === "response.output_text.delta") stream.controller.abort();
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
        const asked = openaiClient(house).responses.create({ model, input: QUESTION });
        await assert.rejects(asked, (error) => assertStatus(error, model));
      },
    },
  ],
};
