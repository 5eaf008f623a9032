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

const route = (...decided: Parameters<typeof decideRoute>) => decideRoute(...decided).route;
const user = { role: "user" as const, content: "Hi" };
const calling = { role: "assistant" as const, content: null, tool_calls: [{ id: "1" }] };
const result = { role: "tool" as const, content: "42", tool_call_id: "1" };

Deno.test("decideRoute() follows the router's policy", () => {
  assert.deepEqual(decideRoute(profile(), request()), { route: "fuse", why: "policy" });
  assert.deepEqual(decideRoute(classifying, request()), { route: "classify", why: "policy" });
});

Deno.test("decideRoute() sends tool work to the single model under bypass", () => {
  const toolWork: Partial<ChatRequest>[] = [
    { tools },
    { functions: [{ name: "look" }] },
    { messages: [user, calling, result, user] },
    {
      messages: [user, { role: "assistant", content: null, function_call: { name: "look" } }, user],
    },
  ];
  for (const change of toolWork) {
    const decided = decideRoute(classifying, request(change));
    assert.deepEqual(decided, { route: "single", why: "tools" }, JSON.stringify(change));
  }
});

Deno.test("decideRoute() asks the panel once a user turn under advise and first_call", () => {
  for (const policy of ["advise", "first_call"] as const) {
    const tooled = profile({ tools: { policy } });
    assert.equal(route(tooled, request({ tools })), "fuse");
    assert.equal(
      route(tooled, request({ tools, messages: [user, calling, result, user] })),
      "fuse",
    );
    const { router } = classifying;
    assert.equal(route(profile({ tools: { policy }, router }), request({ tools })), "classify");
  }
});

Deno.test("decideRoute() never asks the panel at a step inside a tool loop", () => {
  const steps: ChatRequest["messages"][] = [
    [user, calling, result],
    [user, calling, result, result],
    [user, calling, result, { role: "system", content: "Be brief." }],
    [user, { role: "function", name: "look", content: "42" }],
  ];
  for (const messages of steps) {
    for (const policy of ["bypass", "advise", "first_call"] as const) {
      for (const fusion of [undefined, { route: "fuse" as const }]) {
        const decided = decideRoute(
          profile({ tools: { policy } }),
          request({ tools, messages, ...(fusion ? { fusion } : {}) }),
        );
        assert.deepEqual(decided, { route: "single", why: "tool_step" });
      }
    }
  }
});

Deno.test("decideRoute() takes an empty list of tools for no tools", () => {
  assert.equal(route(profile(), request({ tools: [] })), "fuse");
  const messages = [{ role: "assistant" as const, content: "x", tool_calls: [] }];
  assert.equal(route(profile(), request({ messages })), "fuse");
});

Deno.test("decideRoute() lets the client's choice win over every policy", () => {
  const asked = (wanted: "single" | "fuse") => ({ route: wanted, why: "asked" });
  assert.deepEqual(
    decideRoute(profile(), request({ fusion: { route: "single" } })),
    asked("single"),
  );
  const fuse = request({ tools, fusion: { route: "fuse" } });
  assert.deepEqual(decideRoute(classifying, fuse), asked("fuse"));
});
