import assert from "node:assert/strict";
import type { ChatRequest } from "../../../src/openai/chat_request.ts";
import { trialFault } from "../../../src/fusion/trial.ts";

const request: ChatRequest = { model: "fusion/test", messages: [{ role: "user", content: "?" }] };
const said = (text: string, finish_reason: string | null = "stop") => ({
  text,
  choices: [{ finish_reason }],
});

Deno.test("trialFault() lets a plain answer and a tool call stand", () => {
  assert.equal(trialFault(said("Paris."), request), null);
  assert.equal(trialFault(said("", "tool_calls"), request), null);
  assert.equal(trialFault(said("", "function_call"), request), null);
});

Deno.test("trialFault() finds what is empty, cut or unsure", () => {
  assert.equal(trialFault(said(""), request), "empty");
  assert.equal(trialFault({ text: "", choices: [] }, request), "empty");
  assert.equal(trialFault(said("Paris is", "length"), request), "cut");
  assert.equal(trialFault(said("I don't know."), request), "unsure");
});

Deno.test("trialFault() takes an answer for whole that the caller's own limit has cut", () => {
  assert.equal(trialFault(said("Paris is", "length"), { ...request, max_tokens: 2 }), null);
  const limited = { ...request, max_completion_tokens: 2 };
  assert.equal(trialFault(said("Paris is", "length"), limited), null);
  // All of it may have gone into reasoning.
  assert.equal(trialFault(said("", "length"), limited), "empty");
});
