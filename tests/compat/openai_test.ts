import { testClient } from "./feature.ts";
import { openaiChat } from "./openai_chat_client.ts";
import { openaiResponses } from "./openai_responses_client.ts";

testClient(openaiChat);
testClient(openaiResponses);
