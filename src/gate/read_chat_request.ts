/**
 * Reads a chat-completion request out of a body, or says what is wrong with it and where.
 * @module
 */
import { type ChatRequest, chatRequestSchema } from "../openai/chat_request.ts";
import { checkRequest } from "./check_request.ts";
import type { JsonObject } from "./read_json_object.ts";

/** @throws {Refused} `invalid_request` */
export function readChatRequest(body: JsonObject): ChatRequest {
  return checkRequest(body, chatRequestSchema);
}
