import assert from "node:assert/strict";
import {
  CREDIT_WINDOW,
  CreditReader,
  type CreditReaderOptions,
  CreditWriter,
} from "../../../src/runtime/credit_stream.ts";
import { settled } from "../../support/fake_clock.ts";

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);

function asNumber(item: unknown): number {
  if (typeof item !== "number") throw new TypeError("Not a number");
  return item;
}

function open(options: Partial<CreditReaderOptions<number>> = {}) {
  const { port1, port2 } = new MessageChannel();
  const reader = new CreditReader<number>({ parse: asNumber, ...options });
  reader.attach(port1);
  return { reader, writer: new CreditWriter<number>(port2), far: port2 };
}

/** What the promise has come to by now. */
async function outcome<T>(promise: Promise<T>): Promise<T | "pending"> {
  await settled();
  return await Promise.race([promise, Promise.resolve("pending" as const)]);
}

async function readAll(reader: CreditReader<number>): Promise<number[]> {
  return await Array.fromAsync(reader.stream);
}

Deno.test("CreditReader reads what CreditWriter writes, in order, to the end", async () => {
  const { reader, writer } = open();
  const items = numbers(3 * CREDIT_WINDOW + 7);
  const writing = writer.write(items).then((open) => {
    assert.equal(open, true);
    writer.end();
    reader.end();
  });
  assert.deepEqual(await readAll(reader), items);
  await writing;
});

Deno.test("CreditWriter.write() waits once the window is full, until items are read", async () => {
  const { reader, writer } = open();
  const full = writer.write(numbers(CREDIT_WINDOW));
  assert.equal(await outcome(full), true);
  const stalled = writer.write([CREDIT_WINDOW]);
  assert.equal(await outcome(stalled), "pending");
  const consumer = reader.stream.getReader();
  for (let at = 0; at < CREDIT_WINDOW / 2 - 1; at++) await consumer.read();
  assert.equal(await outcome(stalled), "pending");
  await consumer.read();
  assert.equal(await outcome(stalled), true);
  await consumer.cancel();
});

Deno.test("CreditWriter.write() of nothing tells whether anybody reads", async () => {
  const { reader, writer } = open();
  assert.equal(await writer.write([]), true);
  await reader.stream.cancel();
  await settled();
  assert.equal(await writer.write([]), false);
});

Deno.test("CreditWriter.write() sends all of several writes at once", async () => {
  const { reader, writer } = open();
  const writing = Promise.all([
    writer.write(numbers(CREDIT_WINDOW, 0)),
    writer.write(numbers(CREDIT_WINDOW, 1_000)),
    writer.write(numbers(CREDIT_WINDOW, 2_000)),
  ]).then(() => writer.end());
  reader.end();
  const read = await readAll(reader);
  assert.deepEqual(
    read.toSorted((a, b) => a - b),
    [0, 1_000, 2_000].flatMap((from) => numbers(CREDIT_WINDOW, from)),
  );
  await writing;
});

Deno.test("CreditWriter.write() resolves false when the reader cancels, also while it waits", async () => {
  const { reader, writer } = open();
  const stalled = writer.write(numbers(CREDIT_WINDOW + 1));
  assert.equal(await outcome(stalled), "pending");
  await reader.stream.cancel();
  assert.equal(await outcome(stalled), false);
  assert.equal(await writer.write([1]), false);
  writer.end();
});

Deno.test("CreditWriter.end() lets a write go that still waits", async () => {
  const { reader, writer } = open();
  const stalled = writer.write(numbers(CREDIT_WINDOW + 1));
  assert.equal(await outcome(stalled), "pending");
  writer.end();
  writer.end();
  assert.equal(await outcome(stalled), false);
  reader.end();
  assert.deepEqual(await readAll(reader), numbers(CREDIT_WINDOW));
});

Deno.test("CreditWriter.write() throws on what cannot be cloned, and keeps its credit", async () => {
  const { port1, port2 } = new MessageChannel();
  const writer = new CreditWriter<unknown>(port2);
  await assert.rejects(writer.write([() => {}]), { name: "DataCloneError" });
  assert.equal(await writer.write(numbers(CREDIT_WINDOW)), true);
  writer.end();
  port1.close();
});

Deno.test("CreditReader.end() waits for the writer's own end", async () => {
  const { reader, writer } = open();
  const reading = readAll(reader);
  // The run's last word may overtake the last items: they come on another port.
  reader.end();
  await settled();
  await writer.write([1, 2]);
  assert.equal(await outcome(reading), "pending");
  writer.end();
  assert.deepEqual(await reading, [1, 2]);
});

Deno.test("CreditReader.abandon() ends after what has come, and stops the writer", async () => {
  const { reader, writer } = open();
  await writer.write([1, 2]);
  await settled();
  const stalled = writer.write(numbers(CREDIT_WINDOW));
  reader.abandon();
  reader.abandon();
  assert.equal(await outcome(stalled), false);
  assert.deepEqual((await readAll(reader)).slice(0, 2), [1, 2]);
});

Deno.test("CreditReader reads on from a second port, with a whole window for it", async () => {
  const { reader, writer } = open();
  await writer.write(numbers(CREDIT_WINDOW));
  await settled();
  const { port1, port2 } = new MessageChannel();
  reader.attach(port1);
  assert.equal(await outcome(writer.write([-1])), false);
  const second = new CreditWriter<number>(port2);
  const stalled = second.write(numbers(CREDIT_WINDOW + 1, 1_000));
  const consumer = reader.stream.getReader();
  // The first writer's items are no credit for the second.
  for (let at = 0; at < CREDIT_WINDOW; at++) assert.equal((await consumer.read()).value, at);
  assert.equal(await outcome(stalled), "pending");
  for (let at = 0; at < CREDIT_WINDOW / 2; at++) await consumer.read();
  assert.equal(await outcome(stalled), true);
  await consumer.cancel();
});

Deno.test("CreditReader.put() comes after what was written, and stops the writer", async () => {
  const { reader, writer } = open();
  await writer.write([1]);
  await settled();
  reader.put(2);
  await settled();
  assert.equal(await outcome(writer.write([3])), false);
  reader.put(4);
  reader.end();
  assert.deepEqual(await readAll(reader), [1, 2, 4]);
});

Deno.test("CreditReader tells once that the first item has come", async () => {
  let firsts = 0;
  const { reader, writer } = open({ onFirst: () => firsts++ });
  await settled();
  assert.equal(firsts, 0);
  await writer.write([1, 2]);
  await writer.write([3]);
  await settled();
  assert.equal(firsts, 1);
  writer.end();
  reader.end();
  await readAll(reader);
  assert.equal(firsts, 1);
});

Deno.test("CreditReader that was cancelled while it was read takes everything and gives nothing", async () => {
  const { reader, writer } = open();
  const consumer = reader.stream.getReader();
  const pending = consumer.read();
  await settled();
  await consumer.cancel();
  assert.deepEqual(await pending, { done: true, value: undefined });
  reader.put(1);
  const { port1, port2 } = new MessageChannel();
  reader.attach(port1);
  const late = new CreditWriter<number>(port2);
  assert.equal(await outcome(late.write(numbers(CREDIT_WINDOW + 1))), false);
  reader.end();
  reader.abandon();
  await settled();
  assert.equal(await outcome(writer.write([1])), false);
});

Deno.test("CreditReader breaks its stream on what is no item or no message", async () => {
  for (const garbage of [{ type: "items", items: ["one"] }, { type: "items" }, null, "garbage"]) {
    const { reader, far } = open();
    far.postMessage(garbage);
    await assert.rejects(readAll(reader));
    reader.put(1);
    reader.end();
    far.close();
  }
});
