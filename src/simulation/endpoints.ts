/**
 * Endpoints: which answer a path and method get. Everything here is decided, nothing is sent.
 * Source: OpenAI API reference.
 * @module
 */
import type { Script } from "./behaviour.ts";
import { planChat } from "./chat_plan.ts";
import { checkChatRequest } from "./check_request.ts";
import { embeddingsRequestSchema, planEmbeddings } from "./embeddings.ts";
import type { Models } from "./models.ts";
import { errorPlan, jsonPlan, type Plan } from "./plan.ts";
import type { OpenRecord } from "./recorder.ts";
import { invalidRequest } from "./refusal.ts";
import { serverError } from "./server_error.ts";
import { asChatBody, textCompletionFormat } from "./text_completion.ts";

export interface Deployment {
  readonly models: Models;
  readonly seed: number;
  readonly script: Script | undefined;
  readonly needsKey: boolean;
}

/** What answers the request that `record` was made of. */
export function planAnswer(record: OpenRecord, deployment: Deployment): Plan {
  const { method, path } = record;
  if (deployment.needsKey && !record.authorized) return errorPlan(401, serverError(401));
  if (path === "/v1/models" || path.startsWith("/v1/models/")) {
    return method === "GET" ? planModels(path, deployment.models) : notAllowed(record);
  }
  const endpoint = endpoints[path];
  if (!endpoint) return errorPlan(404, invalidRequest(`Invalid URL (${method} ${path})`));
  if (method !== "POST") return notAllowed(record);
  if (record.body === undefined) {
    return errorPlan(400, invalidRequest("We could not parse the JSON body of your request."));
  }
  return endpoint(record, deployment);
}

type Endpoint = (record: OpenRecord, deployment: Deployment) => Plan;

const endpoints: Readonly<Record<string, Endpoint>> = {
  "/v1/chat/completions": (record, deployment) => chat(record, deployment, record.body),
  "/v1/completions": (record, deployment) =>
    chat(record, deployment, asChatBody(record.body), textCompletionFormat),
  "/v1/embeddings": embeddings,
};

function chat(
  record: OpenRecord,
  { models, seed, script }: Deployment,
  ...[body, format]: [body: unknown, format?: Parameters<typeof planChat>[2]]
): Plan {
  const checked = checkChatRequest(body);
  if ("error" in checked) return errorPlan(400, checked.error);
  const model = models.find(record.model);
  if (!model) return noSuchModel(record.model);
  const number = models.nextNumber(record.model);
  const scripted = script?.(record);
  return planChat(checked.request, { model, seed, number, record, scripted }, format);
}

function embeddings(record: OpenRecord, { models, script }: Deployment): Plan {
  const parsed = embeddingsRequestSchema.safeParse(record.body);
  if (!parsed.success) {
    const param = String(parsed.error.issues[0]?.path[0] ?? "");
    return errorPlan(400, invalidRequest(`Invalid '${param}'.`, { param }));
  }
  if (!models.find(record.model)) return noSuchModel(record.model);
  const status = script?.(record)?.status;
  return status === undefined
    ? planEmbeddings(parsed.data)
    : errorPlan(status, serverError(status));
}

function planModels(path: string, models: Models): Plan {
  const describe = (id: string) => ({ id, object: "model", created: 0, owned_by: "simulation" });
  const id = decodeURIComponent(path.slice("/v1/models/".length));
  if (path.length <= "/v1/models/".length) {
    return jsonPlan({ object: "list", data: models.names.map(describe) });
  }
  return models.find(id) ? jsonPlan(describe(id)) : noSuchModel(id);
}

const noSuchModel = (name: string): Plan =>
  errorPlan(
    404,
    invalidRequest(`The model \`${name}\` does not exist or you do not have access to it.`, {
      param: "model",
      code: "model_not_found",
    }),
  );

const notAllowed = ({ method, path }: OpenRecord): Plan =>
  errorPlan(
    405,
    invalidRequest(`Not allowed to ${method} on ${path}`, { code: "method_not_supported" }),
  );
