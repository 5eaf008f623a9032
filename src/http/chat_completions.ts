/**
 * POST /v1/chat/completions: a run's answer as a chat completion; of a model that is asked for by its
 * own id, whatever its upstream answers.
 * Source: OpenAI API reference, "Create chat completion".
 * @module
 */
import type { Handler } from "hono";
import { findProfile } from "../gate/profile.ts";
import { readChatRequest } from "../gate/read_chat_request.ts";
import type { ChatRequest } from "../openai/chat_request.ts";
import { ChatEvents } from "./chat_stream.ts";
import { completionBody, type CompletionHead } from "./completion_body.ts";
import type { DoorEnv } from "./door_env.ts";
import { readRequest } from "./read_request.ts";
import { serveRelay } from "./serve_relay.ts";
import { type AnswerForm, serveRun, type Serving } from "./serve_run.ts";

const PATH = "chat/completions";

export function chatCompletions(serving: Serving): Handler<DoorEnv> {
  return async (c) => {
    const posted = await readRequest(c.req.raw, serving);
    const { body, arrivedAt } = posted;
    const passed = serving.passedModels.get(body["model"]);
    if (passed) return await serveRelay(c, { posted, model: passed, path: PATH }, serving);
    const request = readChatRequest(body);
    const profile = findProfile(serving.profiles, request.model);
    const form = chatForm(request, {
      id: `chatcmpl-${serving.newId()}`,
      created: Math.floor(arrivedAt / 1_000),
      model: request.model,
      trace: request.fusion?.trace === true,
    });
    return await serveRun(c, { request, profile, arrivedAt, form }, serving);
  };
}

function chatForm(request: ChatRequest, head: CompletionHead): AnswerForm {
  return {
    whole: (answered) => completionBody(answered, head),
    events: () =>
      new ChatEvents({
        ...head,
        includeUsage: request.stream_options?.include_usage === true,
        choices: request.n ?? 1,
      }),
  };
}
