import { agentsChat, agentsResponses } from "./agents_clients.ts";
import { testClient } from "./feature.ts";

testClient(agentsChat);
testClient(agentsResponses);
