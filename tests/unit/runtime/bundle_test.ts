import assert from "node:assert/strict";
import { Bundle } from "../../../src/runtime/bundle.ts";

function bundles() {
  const sent: unknown[][] = [];
  const transferred: Transferable[][] = [];
  const unsendable: unknown[] = [];
  const bundle = new Bundle((messages, transfer) => {
    sent.push(structuredClone(messages));
    transferred.push(transfer);
  }, (message) => unsendable.push(message));
  return { bundle, sent, transferred, unsendable };
}

Deno.test("Bundle sends what one turn adds in one message, in order", async () => {
  const { bundle, sent } = bundles();
  bundle.add("a");
  bundle.add("b");
  assert.deepEqual(sent, []);
  await Promise.resolve();
  bundle.add("c");
  await Promise.resolve();
  assert.deepEqual(sent, [["a", "b"], ["c"]]);
});

Deno.test("Bundle sends what is transferred with any of its messages", async () => {
  const { bundle, transferred } = bundles();
  const { port1, port2 } = new MessageChannel();
  bundle.add("a", [port1]);
  bundle.add("b");
  bundle.add("c", [port2]);
  await Promise.resolve();
  assert.deepEqual(transferred, [[port1, port2]]);
  port1.close();
  port2.close();
});

Deno.test("Bundle sends all the others when one cannot be cloned, and tells of that one", async () => {
  const { bundle, sent, unsendable } = bundles();
  const bad = { answer: () => {} };
  for (const message of ["a", bad, "b"]) bundle.add(message);
  await Promise.resolve();
  assert.deepEqual(sent, [["a"], ["b"]]);
  assert.deepEqual(unsendable, [bad]);
  bundle.add(bad);
  await Promise.resolve();
  assert.deepEqual(unsendable, [bad, bad], "alone too");
});

Deno.test("Bundle.flush() sends at once, and nothing twice", async () => {
  const { bundle, sent } = bundles();
  bundle.flush();
  bundle.add("a");
  bundle.flush();
  assert.deepEqual(sent, [["a"]]);
  await Promise.resolve();
  assert.deepEqual(sent, [["a"]]);
});
