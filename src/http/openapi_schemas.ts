/**
 * OpenAPI schemas: what requests and answers look like. A request's schema is the one that requests
 * are checked with; an answer is described as far as clients rely on it.
 * @module
 */
import * as z from "zod";
import { chatRequestSchema, fusionExtensionSchema } from "../openai/chat_request.ts";
import { responsesRequestSchema } from "../openai/responses_request.ts";

export type Schema = Readonly<Record<string, unknown>>;

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function openapiSchemas(): Record<string, Schema> {
  return {
    ChatRequest: withFusion(jsonSchema(chatRequestSchema), CHAT_PARAMETERS),
    ResponsesRequest: withFusion(jsonSchema(responsesRequestSchema), RESPONSES_PARAMETERS),
    CompletionsRequest: passed({
      prompt: { description: "A text, or a list of texts or tokens." },
    }),
    EmbeddingsRequest: passed({ input: { description: "A text, or a list of texts or tokens." } }),
    FusionExtension: jsonSchema(fusionExtensionSchema),
    ...chatSchemas(),
    ...responseSchemas(),
    Fusion: trace(),
    Completion: open({ choices: listOf(open({ text: string })) }, { usage: ref("Usage") }),
    Embeddings: open({ data: listOf(open({ embedding: {} })) }),
    Error: error(),
    Model: open({ id: string, object: { const: "model" }, created: count, owned_by: string }),
    ModelList: open({ object: { const: "list" }, data: listOf(ref("Model")) }),
    Status: open({ status: string }, { reasons: listOf(string) }),
  };
}

const string: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };
const nullableString: Schema = { type: ["string", "null"] };

function said(description: string, schema: Schema = {}): Schema {
  return { ...schema, description };
}

function listOf(items: Schema): Schema {
  return { type: "array", items };
}

/** An object with `required` and `optional` properties, and room for more. */
function open(required: Schema, optional: Schema = {}): Schema {
  const properties = { ...required, ...optional };
  return { type: "object", properties, required: Object.keys(required) };
}

function jsonSchema(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

type Descriptions = Readonly<Record<string, string>>;

/** The schema with its parameters' descriptions, and the request extension by its name. */
function withFusion(schema: Schema, descriptions: Descriptions): Schema {
  const properties = schema["properties"] as Readonly<Record<string, Schema>>;
  const described = Object.entries(properties).map(([name, each]) => {
    const description = descriptions[name];
    return [name, description === undefined ? each : said(description, each)];
  });
  return {
    ...schema,
    properties: { ...Object.fromEntries(described), fusion: ref("FusionExtension") },
  };
}

const CHAT_PARAMETERS: Descriptions = {
  model: "`fusion/<profile>`; or a model that is passed through, by its own id.",
  messages: "The conversation, oldest first.",
  stream: "Answer in server-sent events.",
  max_tokens: "Bounds the final answer; the panel is not bound by it.",
  tools: "What the profile's tools policy does with them stands in the documentation.",
};

const RESPONSES_PARAMETERS: Descriptions = {
  model: "`fusion/<profile>`.",
  input: "A text, or items: messages, function calls and their results.",
  instructions: "A system prompt; not carried on by `previous_response_id`.",
  store: "Keep the response and its conversation, in memory, for a day at most. Default: false.",
  previous_response_id: "Goes on with the conversation of a response that was stored.",
  max_output_tokens: "Bounds the final answer; the panel is not bound by it.",
  tools: "Function tools. Others are refused.",
  background: "Only false is served.",
  truncation: "Only `disabled` is served.",
};

/** A request that only its upstream reads. */
function passed(parameters: Schema): Schema {
  const model = said("A model that is passed through, by its own id.", string);
  return open({ model, ...parameters });
}

function chatSchemas(): Record<string, Schema> {
  const choices = (body: Schema) => listOf(open({ index: count, ...body }));
  const head = { id: string, created: count, model: string };
  const finish = { finish_reason: nullableString };
  return {
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
    Usage: said(
      "Every token of every call that the request made: router, panel, judge, synthesis.",
      open({
        prompt_tokens: count,
        completion_tokens: count,
        total_tokens: count,
        prompt_tokens_details: open({ cached_tokens: count }),
        completion_tokens_details: open({ reasoning_tokens: count }),
      }),
    ),
  };
}

function responseSchemas(): Record<string, Schema> {
  return {
    Response: open({
      id: string,
      object: { const: "response" },
      created_at: count,
      status: { enum: ["in_progress", "completed", "incomplete", "failed"] },
      error: { type: ["object", "null"] },
      incomplete_details: { type: ["object", "null"] },
      model: string,
      output: listOf(open({ type: said("`message`, `function_call` or `reasoning`.", string) })),
      usage: said("As `Usage`, by this API's names.", { type: ["object", "null"] }),
    }, { fusion: ref("Fusion") }),
    ResponseEvent: said(
      "From `response.created` to `response.completed`, `response.incomplete`, `response.failed` " +
        "or `error`. `response.in_progress` is repeated to keep the connection alive.",
      open({ type: string, sequence_number: count }),
    ),
    DeletedResponse: open({ id: string, deleted: { const: true } }),
  };
}

function trace(): Schema {
  const route = { enum: ["single", "fuse"] };
  const ms = { type: "number" };
  const member = open({
    label: string,
    model: string,
    status: said("`answered`, or why not.", string),
    ms,
    usage: ref("Usage"),
    share: said("Its part of the final answer, 0 to 1.", { type: ["number", "null"] }),
  });
  return said(
    "What happened, where `fusion.trace` asked for it. Times are milliseconds since the start.",
    open({
      route,
      outcome: { enum: ["fused", "no_judge", "best_answer", "single"] },
      router: said("The classifier's score and decision.", { type: ["object", "null"] }),
      panel: listOf(member),
      analysis: said("The judge's.", { type: ["object", "null"] }),
      stages: listOf(
        open({ stage: string, ms, usage: ref("Usage"), cost_usd: { type: "number" } }),
      ),
      usage_by_stage: { type: "object", additionalProperties: ref("Usage") },
      cost_usd: { type: "number" },
      dominant_share: { type: ["number", "null"] },
    }),
  );
}

function error(): Schema {
  const member = open({
    label: string,
    reason: said(
      "`timeout`, `http_429`, `http_5xx`, `connect`, `malformed`, `empty`, `too_large`, " +
        "`crashed` or `cancelled`.",
      string,
    ),
  });
  return open({
    error: open({ message: string, type: string, param: nullableString, code: nullableString }, {
      fusion: open({ members: listOf(member) }),
    }),
  });
}
