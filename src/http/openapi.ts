/**
 * GET /openapi.json: what the door serves, as an OpenAPI 3.1 document. The request's schema is the
 * one that requests are checked with; a response is described as far as clients rely on it.
 * @module
 */
import type { Handler } from "hono";
import * as z from "zod";
import { chatRequestSchema } from "../openai/chat_request.ts";
import type { DoorEnv } from "./door_env.ts";

type Schema = Readonly<Record<string, unknown>>;

export function openapi(version: string): Handler<DoorEnv> {
  let text: string | undefined;
  return (c) => {
    text ??= JSON.stringify(openapiDocument(version));
    return c.body(text, 200, { "content-type": "application/json" });
  };
}

export function openapiDocument(version: string) {
  return {
    openapi: "3.1.0",
    info: {
      title: "Tutti",
      version,
      description: "A fusion gateway: a panel of models behind one OpenAI-compatible model.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths: {
      "/v1/chat/completions": { post: chatCompletionsOperation() },
      "/v1/models": {
        get: operation("listModels", "Lists the fusion profiles as models", {
          200: jsonResponse("The models", ref("ModelList")),
          ...errors(401),
        }),
      },
      "/v1/models/{id}": {
        get: {
          ...operation("getModel", "One model", {
            200: jsonResponse("The model", ref("Model")),
            ...errors(401, 404),
          }),
          parameters: [{
            name: "id",
            in: "path",
            required: true,
            description: "`fusion/<profile>`; the slash may stand plain or escaped.",
            schema: { type: "string" },
          }],
        },
      },
      "/healthz": { get: openOperation("healthz", "Alive", { 200: statusResponse("Alive") }) },
      "/readyz": {
        get: openOperation("readyz", "Able to serve a request", {
          200: statusResponse("Ready"),
          503: statusResponse("Not ready, with the reasons"),
        }),
      },
      "/metrics": {
        get: openOperation("metrics", "Metrics for Prometheus", {
          200: {
            description: "Prometheus text format",
            content: { "text/plain": { schema: { type: "string" } } },
          },
        }),
      },
      "/openapi.json": {
        get: openOperation("openapi", "This document", {
          200: jsonResponse("OpenAPI 3.1", { type: "object" }),
        }),
      },
    },
    security: [{ clientKey: [] }, {}],
    components: {
      securitySchemes: { clientKey: { type: "http", scheme: "bearer" } },
      schemas: schemas(),
    },
  };
}

function chatCompletionsOperation() {
  return {
    ...operation("createChatCompletion", "Answers a conversation, alone or by a panel", {
      200: {
        description: "The answer; an event stream where `stream` is true",
        headers: {
          "x-fusion-route": header("`single` or `fuse`; not streamed"),
          "x-fusion-outcome": header(
            "`fused`, `no_judge`, `best_answer` or `single`; not streamed",
          ),
        },
        content: {
          "application/json": { schema: ref("ChatCompletion") },
          "text/event-stream": { schema: ref("ChatCompletionChunk") },
        },
      },
      ...errors(400, 401, 403, 404, 408, 413, 429, 502, 503, 504),
    }),
    requestBody: {
      required: true,
      content: { "application/json": { schema: ref("ChatRequest") } },
    },
  };
}

function schemas(): Record<string, Schema> {
  const { $schema: _dialect, ...chatRequest } = z.toJSONSchema(chatRequestSchema, { io: "input" });
  const count = { type: "integer", minimum: 0 };
  const choices = (body: Schema) => ({ type: "array", items: open({ index: count, ...body }) });
  const head = { id: string, created: { type: "integer" }, model: string };
  const finish = { finish_reason: { type: ["string", "null"] } };
  return {
    ChatRequest: chatRequest,
    ChatCompletion: open({
      ...head,
      object: { const: "chat.completion" },
      choices: choices({ message: { type: "object" }, ...finish }),
      usage: ref("Usage"),
    }, { fusion: ref("Fusion") }),
    ChatCompletionChunk: open({
      ...head,
      object: { const: "chat.completion.chunk" },
      choices: choices({ delta: { type: "object" }, ...finish }),
    }, { usage: { anyOf: [ref("Usage"), { type: "null" }] }, fusion: ref("Fusion") }),
    Usage: open({
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: open({ cached_tokens: count }),
      completion_tokens_details: open({ reasoning_tokens: count }),
    }),
    Fusion: open({
      route: { enum: ["single", "fuse"] },
      outcome: { enum: ["fused", "no_judge", "best_answer", "single"] },
      panel: { type: "array", items: open({ label: string, model: string, status: string }) },
      stages: { type: "array", items: open({ stage: string, ms: { type: "number" } }) },
      cost_usd: { type: "number" },
    }),
    Error: open({
      error: open({
        message: string,
        type: string,
        param: { type: ["string", "null"] },
        code: { type: ["string", "null"] },
      }, {
        fusion: open({
          members: { type: "array", items: open({ label: string, reason: string }) },
        }),
      }),
    }),
    Model: open({ id: string, object: { const: "model" }, created: count, owned_by: string }),
    ModelList: open({ object: { const: "list" }, data: { type: "array", items: ref("Model") } }),
    Status: open({ status: string }, { reasons: { type: "array", items: string } }),
  };
}

const string: Schema = { type: "string" };

/** An object with `required` and `optional` properties, and room for more. */
function open(required: Readonly<Record<string, Schema>>, optional: Schema = {}): Schema {
  const properties = { ...required, ...optional };
  return { type: "object", properties, required: Object.keys(required) };
}

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function operation(operationId: string, summary: string, responses: Schema) {
  return { operationId, summary, responses };
}

/** An operation that asks for no key. */
function openOperation(operationId: string, summary: string, responses: Schema) {
  return { ...operation(operationId, summary, responses), security: [] };
}

function header(description: string) {
  return { description, schema: string };
}

function jsonResponse(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

function statusResponse(description: string) {
  return jsonResponse(description, ref("Status"));
}

function errors(...statuses: readonly number[]): Schema {
  const entries = statuses.map((status) => [status, jsonResponse("An error", ref("Error"))]);
  return Object.fromEntries(entries);
}
