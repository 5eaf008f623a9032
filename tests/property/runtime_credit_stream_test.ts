import assert from "node:assert/strict";
import fc from "fast-check";
import { CREDIT_WINDOW, CreditReader, CreditWriter } from "../../src/runtime/credit_stream.ts";
import { settled } from "../support/fake_clock.ts";

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 6, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 100 }) }) },
  { weight: 2, arbitrary: fc.record({ turns: fc.integer({ min: 1, max: 6 }) }) },
);

Deno.test("credit stream never has more than its window under way, and loses nothing", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(step, { maxLength: 40 }),
    fc.constantFrom("end", "cancel", "abandon"),
    async (steps, last) => {
      const { port1, port2 } = new MessageChannel();
      const reader = new CreditReader<number>({ parse: Number });
      reader.attach(port1);
      const writer = new CreditWriter<number>(port2);
      const consumer = reader.stream.getReader();

      let written = 0;
      let sent = 0;
      const post = port2.postMessage.bind(port2);
      port2.postMessage = (message: { items?: number[] }) => {
        sent += message.items?.length ?? 0;
        assert.ok(sent - read.length <= CREDIT_WINDOW, `${sent - read.length} under way`);
        post(message);
      };
      const writes: Promise<boolean>[] = [];
      const read: number[] = [];
      let asked = 0;
      const reads: Promise<void>[] = [];
      for (const step of steps) {
        if ("write" in step) {
          const items = Array.from({ length: step.write }, () => written++);
          writes.push((writes.at(-1) ?? Promise.resolve(true)).then(() => writer.write(items)));
        } else if ("read" in step) {
          const count = Math.min(step.read, written - asked);
          asked += count;
          for (let at = 0; at < count; at++) {
            reads.push(
              consumer.read().then(({ value, done }) => {
                if (!done) read.push(value);
              }),
            );
          }
        } else await settled(step.turns);
      }
      await Promise.all(reads);
      assert.equal(read.length, asked);

      if (last === "end") {
        const ending = Promise.all(writes).then(() => writer.end());
        reader.end();
        for (let next = await consumer.read(); !next.done; next = await consumer.read()) {
          read.push(next.value);
        }
        await ending;
        assert.equal(read.length, written);
      } else if (last === "cancel") await consumer.cancel();
      else reader.abandon();

      await Promise.all(writes);
      assert.deepEqual(read, Array.from({ length: read.length }, (_, at) => at));
      await settled();
      if (last !== "end") assert.equal(await writer.write([0]), false);
    },
  ));
});
