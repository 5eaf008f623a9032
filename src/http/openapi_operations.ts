/**
 * OpenAPI operations: what can be asked for at each path, with what, and what comes of it.
 * @module
 */
import { ref, type Schema } from "./openapi_schemas.ts";

/** Of every endpoint that has models answer. */
const WORK_ERRORS = [400, 401, 403, 404, 408, 413, 429, 502, 503, 504];

const FUSION_HEADERS = {
  "x-fusion-route": header("`single` or `fuse`; not streamed"),
  "x-fusion-outcome": header("`fused`, `no_judge`, `best_answer` or `single`; not streamed"),
};

export function createChatCompletion() {
  const question = { role: "user", content: "Why is the sky dark at night?" };
  return {
    ...operation("createChatCompletion", "Answers a conversation, alone or by a panel", {
      200: {
        ...content("The answer; an event stream where `stream` is true", {
          "application/json": { schema: ref("ChatCompletion") },
          "text/event-stream": { schema: ref("ChatCompletionChunk") },
        }),
        headers: FUSION_HEADERS,
      },
      ...errors(...WORK_ERRORS),
    }),
    requestBody: requestBody("ChatRequest", {
      model: "fusion/research",
      messages: [question],
      fusion: { trace: true },
    }),
  };
}

export function createResponse() {
  return {
    ...operation("createResponse", "The same as a response of the Responses API", {
      200: {
        ...content("The response; an event stream where `stream` is true", {
          "application/json": { schema: ref("Response") },
          "text/event-stream": { schema: ref("ResponseEvent") },
        }),
        headers: FUSION_HEADERS,
      },
      ...errors(...WORK_ERRORS),
    }),
    requestBody: requestBody("ResponsesRequest", {
      model: "fusion/research",
      input: "Why is the sky dark at night?",
      store: true,
    }),
  };
}

export function responsePath() {
  const parameters = [idInPath("`resp_…`, of a response that was stored by the same client key.")];
  return {
    get: {
      ...operation("getResponse", "A response that was stored", {
        200: json("The response", ref("Response")),
        ...errors(401, 404),
      }),
      parameters,
    },
    delete: {
      ...operation("deleteResponse", "Forgets a response that was stored", {
        200: json("It is gone", ref("DeletedResponse")),
        ...errors(401, 404),
      }),
      parameters,
    },
  };
}

export function createCompletion() {
  return {
    ...operation("createCompletion", "A text completion, passed through to its model", {
      200: content("As the model's upstream answers", {
        "application/json": { schema: ref("Completion") },
        "text/event-stream": { schema: ref("Completion") },
      }),
      ...errors(...WORK_ERRORS),
    }),
    description: PASSED,
    requestBody: requestBody("CompletionsRequest", { model: "model-a", prompt: "Once upon" }),
  };
}

export function createEmbeddings() {
  return {
    ...operation("createEmbeddings", "Embeddings, passed through to their model", {
      200: json("As the model's upstream answers", ref("Embeddings")),
      ...errors(...WORK_ERRORS),
    }),
    description: PASSED,
    requestBody: requestBody("EmbeddingsRequest", { model: "model-a", input: "Once upon" }),
  };
}

const PASSED = "Served where `[server] passthrough` in the configuration lets the model through.";

function requestBody(schema: string, example: unknown) {
  return { required: true, content: { "application/json": { schema: ref(schema), example } } };
}

export function idInPath(description: string) {
  return { name: "id", in: "path", required: true, description, schema: { type: "string" } };
}

export function operation(operationId: string, summary: string, responses: Schema) {
  return { operationId, summary, responses };
}

/** An operation that asks for no key. */
export function openOperation(operationId: string, summary: string, responses: Schema) {
  return { ...operation(operationId, summary, responses), security: [] };
}

function header(description: string) {
  return { description, schema: { type: "string" } };
}

export function content(description: string, types: Schema) {
  return { description, content: types };
}

export function json(description: string, schema: Schema) {
  return content(description, { "application/json": { schema } });
}

export function status(description: string) {
  return json(description, ref("Status"));
}

export function errors(...statuses: readonly number[]): Schema {
  return Object.fromEntries(statuses.map((code) => [code, json(REASONS[code]!, ref("Error"))]));
}

const REASONS: Readonly<Record<number, string>> = {
  400: "The request is at fault; `param` names where",
  401: "No key, or none that is known",
  403: "The upstream forbids it",
  404: "No such model or response",
  408: "The request's body came too slowly",
  413: "The request's body is too large",
  429: "Over a limit, ours or the upstream's; `Retry-After` says for how long",
  502: "The panel has no quorum, or the upstream failed",
  503: "No place is free; `Retry-After` says when to try again",
  504: "The deadline was over",
};
