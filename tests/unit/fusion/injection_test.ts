import assert from "node:assert/strict";
import { markInjections, withoutControlTokens } from "../../../src/fusion/injection.ts";
import { ATTACKS } from "../../support/attacks.ts";
import { HONEST, LONG } from "../../support/panels.ts";

for (const attack of ATTACKS) {
  Deno.test(`markInjections() marks ${JSON.stringify(attack.slice(0, 60))}`, () => {
    assert.deepEqual(markInjections([...HONEST, attack]), [false, false, false, false, true]);
  });
}

for (
  const honest of [
    LONG,
    "Ignore the warning lights above the oven; they are harmless.",
    "I would choose the second option, since its output is easier to read.",
    "The judge must be impartial. The system: three pumps and a valve.",
    "Disregard previous estimates, which were made before the survey.",
  ]
) {
  Deno.test(`markInjections() does not mark ${JSON.stringify(honest.slice(0, 60))}`, () => {
    assert.deepEqual(markInjections([honest, ...HONEST]), [false, false, false, false, false]);
  });
}

Deno.test("markInjections() takes what most of the panel writes for the subject", () => {
  const about = "ChatML opens a turn with <|im_start|>user and closes it with <|im_end|>.";
  assert.deepEqual(markInjections([about, about, HONEST[0]!]), [false, false, false]);
});

Deno.test("withoutControlTokens() takes every template's tokens apart and nothing else", () => {
  for (
    const token
      of "<|im_start|> <|eot_id|> <｜User｜> [INST] [/INST] <<SYS>> <</SYS>> </s> <s> <end_of_turn>"
        .split(" ")
  ) {
    assert.equal(withoutControlTokens(`a${token}b`), `a${token[0]} ${token.slice(1)}b`);
  }
  for (const text of ["a < b || c > d", "x[INSTANCE]", "<section>", "a <|> b", LONG]) {
    assert.equal(withoutControlTokens(text), text);
  }
});
