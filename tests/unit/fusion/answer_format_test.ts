import assert from "node:assert/strict";
import { checkAnswer, repairInstruction } from "../../../src/fusion/answer_format.ts";

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const format = { type: "json_schema", schema } as const;
const json = '{"city": "Paris"}';

Deno.test("checkAnswer() leaves an answer that fits as it is, to the byte", () => {
  assert.deepEqual(checkAnswer(` ${json}\n`, format), { type: "fits", text: ` ${json}\n` });
});

Deno.test("checkAnswer() takes the JSON out of a fence and from behind thinking", () => {
  for (
    const text of [
      `\`\`\`json\n${json}\n\`\`\``,
      `<think>Is {"city": 1} right?</think>\n${json}`,
      `<think>x</think>\`\`\`\n${json}\n\`\`\`\n`,
    ]
  ) assert.deepEqual(checkAnswer(text, format), { type: "fits", text: json });
});

Deno.test("checkAnswer() names the fault, to the client without a word of the answer", () => {
  const message = (text: string, of: Parameters<typeof checkAnswer>[1] = format) => {
    const checked = checkAnswer(text, of);
    assert(checked.type === "fault");
    return checked.message;
  };
  const start = "The answer does not match the response_format's schema:";
  assert.equal(message("It is Paris."), `${start} it is not JSON`);
  assert.equal(message('{"city": 7, "secret": 1}'), `${start} it breaks #/properties/city/type`);
  assert.equal(message("[1]", { type: "json_object" }), `${start} it is no JSON object`);
  assert.equal(checkAnswer("[1]", { type: "json_schema" }).type, "fits");
});

Deno.test("repairInstruction() tells the model what was wrong and what is wanted", () => {
  const text = repairInstruction("at #/city: expected a string", format);
  assert(text.includes("at #/city: expected a string") && text.includes(JSON.stringify(schema)));
});
