import { testClient } from "./feature.ts";
import { langchain } from "./langchain_client.ts";

testClient(langchain);
