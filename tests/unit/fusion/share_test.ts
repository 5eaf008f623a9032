import assert from "node:assert/strict";
import { dominantSource, measureShares } from "../../../src/fusion/share.ts";
import { HONEST } from "../../support/panels.ts";

const references = HONEST.map((text, at) => ({ slot: at + 10, text }));
const sentences = (text: string): string[] => text.split(/(?<=[.!?])\s+|\n+/).filter(Boolean);
const words = (text: string): number => text.split(/\s+/).length;

Deno.test("measureShares() gives a copy of one source to it, whatever its markup and case", () => {
  for (const { slot, text } of references) {
    for (const copy of [text, text.toUpperCase(), text.replaceAll("\n", " "), `> ${text}`]) {
      const { shares, dominant } = measureShares(copy, references);
      assert.ok(shares.get(slot)! >= 0.95, `${shares.get(slot)}`);
      assert.equal(dominant, shares.get(slot));
    }
  }
});

Deno.test("measureShares() gives each source of a mix its part", () => {
  const taken = [0, 1, 3].map((at) => sentences(HONEST[at]!).slice(0, 2));
  const mix = [0, 1].flatMap((at) => taken.map((source) => source[at]!));
  const total = words(mix.join(" "));
  const { shares } = measureShares(mix.join(" "), references);
  [10, 11, 13].forEach((slot, at) => {
    assert.ok(Math.abs(shares.get(slot)! - words(taken[at]!.join(" ")) / total) <= 0.1);
  });
});

Deno.test("measureShares() splits what several sources say in the same words", () => {
  const twins = [0, 1].map((slot) => ({ slot, text: HONEST[0]! }));
  const { shares, unanimous } = measureShares(HONEST[0]!, twins);
  assert.deepEqual([...shares.values()], [0.5, 0.5]);
  assert.equal(unanimous, true);
});

Deno.test("measureShares() gives text of its own to nobody", () => {
  const own =
    "Nitrogen bounces indigo rays around much harder, hence what you notice overhead by noon.";
  assert.equal(measureShares(own, references).dominant, 0);
});

Deno.test("measureShares() has nothing to measure without text or references", () => {
  assert.equal(measureShares("", references).dominant, null);
  assert.equal(measureShares("text", []).dominant, null);
});

Deno.test("dominantSource() names the source above the cap, where it had a choice", () => {
  const copy = measureShares(HONEST[1]!, references);
  assert.equal(dominantSource(copy, 0.8), 11);
  assert.equal(dominantSource(copy, 1), null);
  assert.equal(dominantSource(measureShares(HONEST[1]!, [references[1]!]), 0.8), null);
});

Deno.test("dominantSource() finds no fault when all agree, nor in an answer of a line", () => {
  const same = ["Paris", "It is Paris.", "The capital of France is Paris."]
    .map((text, slot) => ({ slot, text }));
  assert.equal(measureShares("The capital of France is Paris.", same).unanimous, true);
  assert.equal(dominantSource(measureShares("The capital of France is Paris.", same), 0.8), null);
  const line = sentences(HONEST[1]!)[0]!;
  assert.equal(dominantSource(measureShares(line, references), 0.8), null);
});
