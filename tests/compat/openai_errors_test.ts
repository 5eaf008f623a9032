/**
 * The errors that the gateway gives by itself; those of upstreams are a feature of the matrix.
 * @module
 */
import assert from "node:assert/strict";
import OpenAI from "openai";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { gatewayBefore } from "../support/gateway_before.ts";
import { openaiClient } from "./openai_chat_client.ts";

const TOML = `
  [server]
  max_body_bytes = 2000
  max_concurrent_requests = 1
  queue_limit = 0
  [runtime]
  workers = 1
  [retry]
  max_attempts = 1
  [[profiles]]
  name = "test"
  panel = { members = ["a", "b"] }
  aggregator = { synthesizer = "s" }
  [[profiles]]
  name = "hurried"
  deadline_ms = 50
  panel = { members = ["silent"] }
  aggregator = { synthesizer = "s" }
  [[profiles]]
  name = "nowhere"
  panel = { members = ["gone::a"] }
  aggregator = { synthesizer = "gone::a" }
  [[backends]]
  name = "gone"
  base_url = "http://127.0.0.1:1/v1"`;

type Ask = (openai: OpenAI, change?: Record<string, unknown>) => Promise<unknown>;

const APIS: Record<string, Ask> = {
  "chat completions": (openai, change) =>
    openai.chat.completions.create({
      model: "fusion/test",
      messages: [{ role: "user", content: "Hi" }],
      ...change,
    }),
  responses: (openai, change) =>
    openai.responses.create({ model: "fusion/test", input: "Hi", ...change }),
};

for (const [api, ask] of Object.entries(APIS)) {
  Deno.test(`openai throws the class of each of the gateway's own errors, ${api}`, async () => {
    await using upstream = await startSimulation({
      script: ({ model }) => model === "silent" ? { hang: "headers" } : undefined,
    });
    await using gateway = await gatewayBefore(upstream.url, { toml: TOML, clientKey: "right" });
    const baseUrl = `${gateway.url}/v1`;
    const openai = openaiClient({ baseUrl }, "right");

    const rejects = async (
      asked: Promise<unknown>,
      [ErrorClass, status, code]: [new (...args: never[]) => Error, number, string],
    ) => {
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof ErrorClass && error instanceof OpenAI.APIError, `${error}`);
        assert.deepEqual([error.status, error.code], [status, code]);
        assert.match(error.requestID!, /./);
        return true;
      });
    };
    const { APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError } =
      OpenAI;
    await rejects(ask(openaiClient({ baseUrl }, "wrong")), [
      AuthenticationError,
      401,
      "invalid_api_key",
    ]);
    await rejects(ask(openai, { temperature: 7 }), [BadRequestError, 400, "invalid_value"]);
    await rejects(ask(openai, { model: "gpt-5" }), [NotFoundError, 404, "model_not_found"]);
    await rejects(ask(openai, { user: "x".repeat(3_000) }), [APIError, 413, "request_too_large"]);
    await rejects(ask(openai, { model: "fusion/hurried" }), [
      InternalServerError,
      504,
      "deadline_exceeded",
    ]);
    await rejects(ask(openai, { model: "fusion/nowhere" }), [
      InternalServerError,
      502,
      "panel_quorum_not_met",
    ]);
    // Not read, it keeps the only place that there is.
    const unread = await openai.chat.completions.create({
      model: "fusion/test",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
    });
    await rejects(ask(openai), [InternalServerError, 503, "overloaded"]);
    unread.controller.abort();
  });
}
