import assert from "node:assert/strict";
import { shortened } from "../../../src/fusion/shorten.ts";
import { estimateTokens } from "../../../src/fusion/tokens.ts";
import { LONG } from "../../support/panels.ts";
import { PROSE } from "../../support/prose.ts";

const to = (text: string, tokens: number): string => shortened(text, { tokens, chars: 1e6 });

Deno.test("shortened() keeps the head and the conclusion and says how much is missing between", () => {
  const short = to(LONG, 200);
  assert.ok(short.startsWith("The color of the sky is a matter of scattering."));
  assert.ok(short.endsWith("scatter blue light more strongly than red light."));
  assert.match(short, /\n\n\[… about \d+ tokens cut …\]\n\n/);
  assert.ok(estimateTokens(short) <= 200 && estimateTokens(short) > 150);
});

Deno.test("shortened() cuts between sentences", () => {
  const [head, tail] = to(LONG, 160).split(/\n\n\[.*\]\n\n/);
  assert.ok(LONG.startsWith(head!) && LONG.endsWith(tail!));
  assert.match(head!, /[.:]$/);
});

Deno.test("shortened() never leaves a code fence open", () => {
  const code = `Look:\n\n\`\`\`ts\n${
    "const value = compute(1, 2, 3);\n".repeat(60)
  }\`\`\`\n\nThat is it.`;
  for (const tokens of [20, 40, 80, 160, 320]) {
    const fences = to(code, tokens).match(/^```/gm)?.length ?? 0;
    assert.equal(fences % 2, 0, `${tokens}`);
  }
});

Deno.test("shortened() takes a table whole, or its first whole rows with the header", () => {
  const row = (at: number): string => `| ${at} | value ${at} |`;
  const table = [
    "| n | value |",
    "| --- | --- |",
    ...Array.from({ length: 50 }, (_, at) => row(at)),
  ];
  const short = to(`Values:\n${table.join("\n")}\nDone.`, 120);
  const rows = short.split("\n").filter((line) => line.startsWith("|"));
  assert.ok(rows.length > 3 && rows.length < 52);
  assert.deepEqual(rows, table.slice(0, rows.length));
});

Deno.test("shortened() cuts between words where there is no sentence, and halves no character", () => {
  const words = Array.from({ length: 300 }, (_, at) => `word${at}`).join(" ");
  const kept = to(words, 100).replace(/\s*\[.*\]/, "").split(" ");
  assert.ok(kept.length > 20);
  assert.ok(kept.every((word, at) => word === `word${at}`), kept.join(" "));
  for (const sign of ["👩🏽", "é", "𝒳", "👩‍👩‍👧"]) {
    const whole = to(sign.repeat(200), 60).replace(/\s*\[.*\]/, "");
    assert.ok(whole.length > sign.length, sign);
    assert.equal(sign.repeat(200).startsWith(whole), true);
    assert.equal(whole.length % sign.length, 0, `${sign} in ${whole.slice(-8)}`);
  }
});

Deno.test("shortened() knows sentences of scripts without spaces", () => {
  const [head] = to(PROSE.zh!, 90).split("\n\n[");
  assert.ok(PROSE.zh!.startsWith(head!) && /[。]$/.test(head!), head ?? "");
});

Deno.test("shortened() holds to characters, too", () => {
  for (const chars of [1, 5, 40, 300]) {
    assert.ok(shortened(LONG, { tokens: 1e6, chars }).length <= chars);
  }
});
