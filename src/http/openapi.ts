/**
 * GET /openapi.json: what the door serves, as an OpenAPI 3.1 document; GET /docs: the same to read.
 * @module
 */
import type { Handler } from "hono";
import { docsPage } from "./docs_page.ts";
import type { DoorEnv } from "./door_env.ts";
import {
  content,
  createChatCompletion,
  createCompletion,
  createEmbeddings,
  createResponse,
  errors,
  idInPath,
  json,
  openOperation,
  operation,
  responsePath,
  status,
} from "./openapi_operations.ts";
import { openapiSchemas, ref } from "./openapi_schemas.ts";

export function openapi(version: string): Handler<DoorEnv> {
  let text: string | undefined;
  return (c) => {
    text ??= JSON.stringify(openapiDocument(version));
    return c.body(text, 200, { "content-type": "application/json" });
  };
}

export function docs(version: string): Handler<DoorEnv> {
  let page: string | undefined;
  return (c) => {
    page ??= docsPage(openapiDocument(version));
    return c.body(page, 200, {
      "content-type": "text/html; charset=utf-8",
      // All that the page needs is in it.
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    });
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
      "/v1/chat/completions": { post: createChatCompletion() },
      "/v1/responses": { post: createResponse() },
      "/v1/responses/{id}": responsePath(),
      "/v1/completions": { post: createCompletion() },
      "/v1/embeddings": { post: createEmbeddings() },
      "/v1/models": {
        get: operation("listModels", "Lists the models that may be asked for", {
          200: json("The profiles as models, and what is passed through", ref("ModelList")),
          ...errors(401),
        }),
      },
      "/v1/models/{id}": {
        get: {
          ...operation("getModel", "One model", {
            200: json("The model", ref("Model")),
            ...errors(401, 404),
          }),
          parameters: [idInPath("`fusion/<profile>`; the slash may stand plain or escaped.")],
        },
      },
      "/healthz": { get: openOperation("healthz", "Alive", { 200: status("Alive") }) },
      "/readyz": {
        get: openOperation("readyz", "Able to serve a request", {
          200: status("Ready"),
          503: status("Not ready, with the reasons"),
        }),
      },
      "/metrics": {
        get: openOperation("metrics", "Metrics for Prometheus", {
          200: content("Prometheus text format", { "text/plain": { schema: { type: "string" } } }),
        }),
      },
      "/openapi.json": {
        get: openOperation("openapi", "This document", {
          200: json("OpenAPI 3.1", { type: "object" }),
        }),
      },
      "/docs": {
        get: openOperation("docs", "This document, to read", {
          200: content("A page", { "text/html": { schema: { type: "string" } } }),
        }),
      },
    },
    security: [{ clientKey: [] }, {}],
    components: {
      securitySchemes: { clientKey: { type: "http", scheme: "bearer" } },
      schemas: openapiSchemas(),
    },
  };
}
export type OpenapiDocument = ReturnType<typeof openapiDocument>;
