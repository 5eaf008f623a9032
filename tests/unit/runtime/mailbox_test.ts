import assert from "node:assert/strict";
import fc from "fast-check";
import { Mailbox } from "../../../src/runtime/mailbox.ts";

const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ offer: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ urgent: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.constant("take" as const) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat(9) }) },
);

Deno.test("Mailbox does as a list would: in order, bounded, urgent ones first", () => {
  fc.assert(fc.property(fc.array(move, { maxLength: 300 }), fc.nat(8), (moves, limit) => {
    const mailbox = new Mailbox<number>(limit);
    const urgent: number[] = [];
    const waiting: number[] = [];
    for (const move of moves) {
      if (move === "take") {
        assert.equal(mailbox.take(), urgent.length > 0 ? urgent.shift() : waiting.shift());
      } else if ("offer" in move) {
        const fits = waiting.length < limit;
        if (fits) waiting.push(move.offer);
        assert.equal(mailbox.offer(move.offer), fits);
      } else if ("urgent" in move) {
        urgent.push(move.urgent);
        mailbox.offerUrgent(move.urgent);
      } else {
        const at = waiting.indexOf(move.remove);
        const removed = at < 0 ? undefined : waiting.splice(at, 1)[0];
        assert.equal(mailbox.remove((message) => message === move.remove), removed);
      }
      assert.equal(mailbox.size, urgent.length + waiting.length);
    }
  }));
});
