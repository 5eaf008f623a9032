import assert from "node:assert/strict";
import { streamEnd, wholeEnd } from "../../chaos/client_end.ts";

const chunk = (fields: object) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [], ...fields })}\n\n`;

const WORDS = chunk({ choices: [{ delta: { content: "Hi" }, finish_reason: null }] });
const FINISH = chunk({ choices: [{ delta: {}, finish_reason: "stop" }] });
const USAGE = chunk({ usage: { completion_tokens: 5 } });
const DONE = "data: [DONE]\n\n";
const ERROR = `{"error":{"message":"no","type":"server_error","param":null,"code":"overloaded"}}`;

Deno.test("streamEnd() takes a stream for answered only where it is whole", () => {
  const answered = { type: "answered", status: 200, completionTokens: 5 };
  assert.deepEqual(streamEnd(200, WORDS + FINISH + USAGE + DONE), answered);
  assert.deepEqual(streamEnd(200, `: alive\n\n${WORDS}${FINISH}${USAGE}${DONE}`), answered);
  const broken = [
    "",
    WORDS,
    WORDS + USAGE + DONE,
    WORDS + FINISH + DONE,
    WORDS + FINISH + USAGE,
    WORDS + FINISH + USAGE + DONE.trimEnd(),
    WORDS + FINISH + USAGE + DONE + DONE,
    WORDS + FINISH + USAGE + DONE + WORDS,
    `data: ${ERROR}\n\n${DONE}`,
    `${WORDS}data: {"half\n\n${FINISH}${USAGE}${DONE}`,
  ];
  for (const text of broken) assert.equal(streamEnd(200, text).type, "broken", text);
});

Deno.test("streamEnd() takes one error at the end for a failure", () => {
  const failed = { type: "failed", status: 200, code: "overloaded" };
  assert.deepEqual(streamEnd(200, `${WORDS}data: ${ERROR}\n\n`), failed);
  assert.equal(streamEnd(200, `data: ${ERROR}\n\ndata: ${ERROR}\n\n`).type, "broken");
});

Deno.test("wholeEnd() takes nothing but an answer or an error in OpenAI's shape", () => {
  const answer = {
    object: "chat.completion",
    choices: [{ message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
    usage: { completion_tokens: 5 },
  };
  assert.equal(wholeEnd(200, JSON.stringify(answer)).type, "answered");
  assert.deepEqual(wholeEnd(503, ERROR), { type: "failed", status: 503, code: "overloaded" });
  const { usage: _usage, ...unpaid } = answer;
  for (const text of ["", "{}", "<html>", ERROR, JSON.stringify(unpaid)]) {
    assert.equal(wholeEnd(200, text).type, "broken", text);
  }
  for (const text of ["", "{}", `{"error":"no"}`]) assert.equal(wholeEnd(500, text).type, "broken");
});
