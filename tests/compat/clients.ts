/**
 * Clients: all that are tested, in the order of the table.
 * @module
 */
import { agentsChat, agentsResponses } from "./agents_clients.ts";
import { aiSdk } from "./ai_sdk_client.ts";
import type { Client } from "./feature.ts";
import { langchain } from "./langchain_client.ts";
import { openaiChat } from "./openai_chat_client.ts";
import { openaiResponses } from "./openai_responses_client.ts";

export const CLIENTS: readonly Client[] = [
  openaiChat,
  openaiResponses,
  aiSdk,
  langchain,
  agentsChat,
  agentsResponses,
];
