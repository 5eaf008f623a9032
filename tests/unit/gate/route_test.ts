import assert from "node:assert/strict";
import { decideRoute } from "../../../src/gate/route.ts";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import { profile } from "../../support/scripted_run.ts";

function request(change: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "fusion/default", messages: [{ role: "user", content: "Hi" }], ...change };
}

const tools = [{ type: "function", function: { name: "look" } }];
const classifying = profile({
  router: { ...profile().router, policy: "classifier" },
});

Deno.test("decideRoute() follows the router's policy", () => {
  assert.equal(decideRoute(profile(), request()), "fuse");
  assert.equal(decideRoute(classifying, request()), "classify");
});

Deno.test("decideRoute() sends tool work to the single model", () => {
  const user = { role: "user" as const, content: "Hi" };
  const toolWork: Partial<ChatRequest>[] = [
    { tools },
    { functions: [{ name: "look" }] },
    { messages: [user, { role: "assistant", content: null, tool_calls: [{ id: "1" }] }] },
    { messages: [user, { role: "assistant", content: null, function_call: { name: "look" } }] },
    { messages: [user, { role: "tool", content: "42", tool_call_id: "1" }] },
    { messages: [user, { role: "function", content: "42", name: "look" }] },
  ];
  for (const change of toolWork) {
    for (const policy of ["bypass", "advise", "first_call"] as const) {
      const { router } = classifying;
      const route = decideRoute(profile({ router, tools: { policy } }), request(change));
      assert.equal(route, "single", JSON.stringify(change));
    }
  }
});

Deno.test("decideRoute() takes an empty list of tools for no tools", () => {
  assert.equal(decideRoute(profile(), request({ tools: [] })), "fuse");
  const messages = [{ role: "assistant" as const, content: "x", tool_calls: [] }];
  assert.equal(decideRoute(profile(), request({ messages })), "fuse");
});

Deno.test("decideRoute() lets the client's choice win over every policy", () => {
  assert.equal(decideRoute(profile(), request({ fusion: { route: "single" } })), "single");
  assert.equal(decideRoute(classifying, request({ tools, fusion: { route: "fuse" } })), "fuse");
});
