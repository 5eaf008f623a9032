import assert from "node:assert/strict";
import fc from "fast-check";
import { chatStream } from "../../src/http/chat_stream.ts";
import { answered, failed, ScriptedRun } from "../support/scripted_run.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What an upstream may put into one streamed choice. */
const choice = fc.record({
  index: fc.nat(2),
  delta: fc.oneof(
    fc.constant({}),
    fc.constant(null),
    fc.record({ content: fc.oneof(fc.string({ unit: "binary" }), fc.constant(null)) }),
    fc.record({ role: fc.constant("assistant"), content: fc.string() }),
  ),
  finish_reason: fc.constantFrom(null, "", "stop", "length", undefined),
});

const script = fc.record({
  deltas: fc.array(fc.oneof(fc.array(choice, { maxLength: 3 }), fc.constant("silence" as const))),
  includeUsage: fc.boolean(),
  trace: fc.boolean(),
  keepalive: fc.constantFrom("chunk" as const, "comment" as const, "off" as const),
  fails: fc.boolean(),
});

Deno.test("chatStream() says what the run said and finishes each choice once, or fails", async () => {
  await fc.assert(
    fc.asyncProperty(script, async ({ deltas, includeUsage, trace, keepalive, fails }) => {
      const run = new ScriptedRun();
      const clock = new ManualClock();
      const ends: boolean[] = [];
      const stream = chatStream(run, {
        id: "chatcmpl-1",
        created: 1,
        model: "fusion/x",
        trace,
        includeUsage,
        choices: 3,
        keepalive: { keepalive, keepaliveMs: 1_000 },
        clock,
        onEnd: ({ clientLeft }) => ends.push(clientLeft),
      });
      const text = new Response(stream).text();
      const said = ["", "", ""];
      for (const delta of deltas) {
        if (delta === "silence") {
          await null;
          clock.advance(1_000);
          continue;
        }
        run.send(...delta);
        for (const { index, delta: said_ } of delta) {
          said[index] += (said_ as { content?: string | null } | null)?.content ?? "";
        }
      }
      run.end(fails ? failed() : answered());

      const events = (await text).split("\n").filter((line) => line.startsWith("data: "))
        .map((line) => line.slice(6));
      assert.equal(events.at(-1) === "[DONE]", !fails);
      const chunks = (fails ? events : events.slice(0, -1)).map((event) => JSON.parse(event));
      if (fails) assert.ok(chunks.pop().error);
      assert.ok(
        chunks.every(({ id, object }) => id === "chatcmpl-1" && object === "chat.completion.chunk"),
      );
      const heard = ["", "", ""];
      const finished = [0, 0, 0];
      for (const { index, delta, finish_reason } of chunks.flatMap(({ choices }) => choices)) {
        assert.equal(finished[index], 0, "nothing is said after the finish");
        heard[index] += delta.content ?? "";
        if (finish_reason !== null) finished[index]!++;
      }
      assert.deepEqual(heard, said);
      assert.deepEqual(finished, fails ? [0, 0, 0] : [1, 1, 1]);
      const withUsage = chunks.filter(({ usage }) => usage);
      assert.equal(withUsage.length, includeUsage && !fails ? 1 : 0);
      const withTrace = chunks.filter(({ fusion }) => fusion);
      assert.deepEqual(withTrace, trace && !fails ? [chunks.at(-1)] : []);
      assert.deepEqual(ends, [false]);
      assert.deepEqual(run.cancels, []);
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 300 },
  );
});
