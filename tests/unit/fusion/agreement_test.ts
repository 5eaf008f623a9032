import assert from "node:assert/strict";
import { weighAgreement } from "../../../src/fusion/agreement.ts";
import { HONEST } from "../../support/panels.ts";

const lowest = (weights: readonly number[]): number => weights.indexOf(Math.min(...weights));

Deno.test("weighAgreement() gives one answer alone full weight", () => {
  assert.deepEqual(weighAgreement(["anything"]), [{ weight: 1, completeness: 1, outlier: false }]);
  assert.deepEqual(weighAgreement([]), []);
});

for (
  const [what, text] of [
    [
      "an answer to another question",
      "To bake bread, knead flour, water, yeast and salt, and let it rise.",
    ],
    ["an answer that breaks off", "The sky l"],
    ["an empty phrase", "Certainly!"],
    ["noise", "} } } } verify }:param withObject }pressive browsInput }findById } }kit"],
  ] as const
) {
  Deno.test(`weighAgreement() gives ${what} the lowest weight and marks it`, () => {
    for (let place = 0; place <= HONEST.length; place++) {
      const weighed = weighAgreement(HONEST.toSpliced(place, 0, text));
      assert.equal(lowest(weighed.map(({ weight }) => weight)), place);
      assert.deepEqual(weighed.flatMap(({ outlier }, at) => outlier ? [at] : []), [place]);
    }
  });
}

Deno.test("weighAgreement() does not take a short right answer for an outlier", () => {
  const weighed = weighAgreement([
    ...HONEST,
    "Rayleigh scattering: air scatters blue light more than red light.",
  ]);
  assert.ok(weighed.every(({ outlier }) => !outlier));
});

Deno.test("weighAgreement() counts the same short answer in other words as the same", () => {
  const [a, b, c] = weighAgreement(["5 km", "The answer is 5,000 meters.", "7 km"]);
  assert.ok(a!.weight >= 0.5 && b!.weight >= 0.5);
  assert.ok(c!.weight < a!.weight);
});

Deno.test("weighAgreement() finds the completer of two answers that say the same", () => {
  const [, part, whole] = weighAgreement([HONEST[1]!, HONEST[3]!, HONEST[2]!]);
  assert.ok(whole!.completeness > part!.completeness);
});

Deno.test("weighAgreement() weighs a suspect answer down", () => {
  const [plain] = weighAgreement(HONEST);
  const [suspect] = weighAgreement(HONEST, { suspect: [true] });
  assert.ok(suspect!.weight < plain!.weight / 2);
});

Deno.test("weighAgreement() reads scripts without spaces", () => {
  const weighed = weighAgreement([
    "天空是蓝色的，因为空气分子散射蓝光比红光更多。",
    "由于瑞利散射，空气分子更多地散射蓝光，所以天空是蓝色的。",
    "面包需要面粉、水、酵母和盐，揉好以后放着发酵。",
  ]);
  assert.equal(lowest(weighed.map(({ weight }) => weight)), 2);
});
