/**
 * POST /v1/responses: a run's answer as a response; GET and DELETE /v1/responses/{id}: those that
 * were stored. The same run answers it as any chat completion: what is asked for is put into a chat
 * request first, and a conversation that is gone on with is put in front of it.
 * Source: OpenAI API reference, "Responses".
 * @module
 */
import type { Handler } from "hono";
import { checkRequest } from "../gate/check_request.ts";
import { findProfile } from "../gate/profile.ts";
import { Refused } from "../gate/refusal.ts";
import type { Message } from "../openai/chat_request.ts";
import { toChatRequest, toMessages } from "../openai/responses_chat.ts";
import { type ResponsesRequest, responsesRequestSchema } from "../openai/responses_request.ts";
import type { DoorEnv } from "./door_env.ts";
import { readRequest } from "./read_request.ts";
import { responseForm } from "./response_form.ts";
import type { ResponseStore } from "../gate/response_store.ts";
import { serveRun, type Serving } from "./serve_run.ts";

export function createResponse(serving: Serving, store: ResponseStore): Handler<DoorEnv> {
  return async (c) => {
    const { body, arrivedAt } = await readRequest(c.req.raw, serving);
    const request = checkRequest(body, responsesRequestSchema);
    const profile = findProfile(serving.profiles, request.model);
    const client = c.get("client");
    const conversation = [...earlier(request, store, client), ...toMessages(request.input)];
    if (conversation.length === 0) throw noInput();

    const word = serving.newId();
    const form = responseForm({
      id: `resp_${word}`,
      word,
      createdAt: Math.floor(arrivedAt / 1_000),
      request,
      now: () => serving.clock.now(),
      onAnswered: (answer) => {
        if (request.store !== true) return;
        const output = answer.output as unknown as ResponsesRequest["input"];
        store.put({ body: answer, messages: [...conversation, ...toMessages(output)] }, client);
      },
    });
    const chat = toChatRequest(request, conversation);
    return await serveRun(c, { request: chat, profile, arrivedAt, form }, serving);
  };
}

export function getResponse(store: ResponseStore): Handler<DoorEnv> {
  return (c) => {
    const id = c.req.param("id") ?? "";
    const stored = store.get(id, c.get("client"));
    if (!stored) throw new Refused({ type: "response_not_found", id, param: null });
    return c.json(stored.body);
  };
}

export function deleteResponse(store: ResponseStore): Handler<DoorEnv> {
  return (c) => {
    const id = c.req.param("id") ?? "";
    if (!store.delete(id, c.get("client"))) {
      throw new Refused({ type: "response_not_found", id, param: null });
    }
    return c.json({ id, object: "response", deleted: true });
  };
}

/** The turns that the request goes on with. */
function earlier(
  { previous_response_id: id }: ResponsesRequest,
  store: ResponseStore,
  client: string | undefined,
): readonly Message[] {
  if (id === null || id === undefined) return [];
  const stored = store.get(id, client);
  if (!stored) {
    throw new Refused({ type: "response_not_found", id, param: "previous_response_id" });
  }
  return stored.messages;
}

function noInput(): Refused {
  const message = "Invalid value for 'input': Must hold at least one turn";
  return new Refused({ type: "invalid_request", message, param: "input", code: "invalid_value" });
}
