import { aiSdk } from "./ai_sdk_client.ts";
import { testClient } from "./feature.ts";

testClient(aiSdk);
