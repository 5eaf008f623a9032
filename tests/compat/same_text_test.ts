import assert from "node:assert/strict";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { gatewayBefore } from "../support/gateway_before.ts";
import { openaiClient } from "./openai_chat_client.ts";

/** What is easily broken on its way through streams. */
const TEXT =
  "One line,\nand one more:\r\n\r\n« naïve » 漢字 👩‍👩‍👧 \u2028 data: [DONE]\n\n```js\nf('\\n')\n```\n";

const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "Hi" }];

Deno.test("openai gets the same text streamed and not streamed, over chat completions and responses", async () => {
  await using upstream = await startSimulation({
    script: ({ model }) => model === "synth" ? { answer: TEXT, chunkMs: 0 } : undefined,
  });
  await using gateway = await gatewayBefore(upstream.url, {
    toml: `
      [[profiles]]
      name = "fused"
      panel = { members = ["a", "b"] }
      aggregator = { synthesizer = "synth" }
      [runtime]
      workers = 1`,
  });
  const openai = openaiClient({ baseUrl: `${gateway.url}/v1` });
  for (const route of ["fuse", "single"]) {
    const more = { model: "fusion/fused", fusion: { route } };
    const chat = await openai.chat.completions.create({ ...more, messages });
    assert.equal(chat.choices[0]!.message.content, TEXT, route);

    let streamed = "";
    const chunks = await openai.chat.completions.create({ ...more, messages, stream: true });
    for await (const { choices } of chunks) streamed += choices[0]?.delta.content ?? "";
    assert.equal(streamed, TEXT, route);

    const response = await openai.responses.create({ ...more, input: "Hi" });
    assert.equal(response.output_text, TEXT, route);

    let deltas = "";
    const events = openai.responses.stream({ ...more, input: "Hi" });
    for await (const event of events) {
      if (event.type === "response.output_text.delta") deltas += event.delta;
    }
    assert.equal(deltas, TEXT, route);
    assert.equal((await events.finalResponse()).output_text, TEXT, route);
  }
});
