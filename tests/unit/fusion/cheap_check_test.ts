import assert from "node:assert/strict";
import { cheapCheck } from "../../../src/fusion/cheap_check.ts";
import { HONEST, LONG } from "../../support/panels.ts";

const check = (text: string, finishReason: string | null = "stop") =>
  cheapCheck(text, { finishReason });

for (const text of [...HONEST, LONG, "Paris.", "I know this one: 42."]) {
  Deno.test(`cheapCheck() lets ${JSON.stringify(text.slice(0, 40))} stand`, () =>
    assert.equal(check(text), null));
}

for (
  const [text, fault] of [
    ["  \n", "empty"],
    ["I'm sorry, but I can't help with that.", "refused"],
    ["I cannot provide legal advice.", "refused"],
    ["It could be Lyon. I'm not entirely sure, though.", "unsure"],
    ["That is hard. I don't know.", "unsure"],
    ["The answer is the same as before.\n".repeat(12), "repeats"],
  ] as const
) {
  Deno.test(`cheapCheck() finds ${JSON.stringify(text.slice(0, 40))} ${fault}`, () => {
    assert.equal(check(text), fault);
  });
}

Deno.test("cheapCheck() does not trust an answer that was cut", () => {
  assert.equal(check(LONG, "length"), "cut");
  assert.equal(check(LONG, "content_filter"), "cut");
});
