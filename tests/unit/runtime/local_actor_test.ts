import assert from "node:assert/strict";
import { LocalActor } from "../../../src/runtime/local_actor.ts";

/** An actor that keeps what it was sent, and performs it by calling `perform`. */
function keeper(perform: (message: string) => void = () => {}, options = {}) {
  return new LocalActor<readonly string[], string, string>({
    state: [],
    step: (state, message) => [[...state, message], [message]],
    perform,
    ...options,
  });
}

Deno.test("LocalActor takes messages in order, each with its effects before the next", () => {
  const log: string[] = [];
  const actor = keeper((message) => {
    log.push(`${message} begins`);
    if (message === "a") {
      assert.equal(actor.send("b"), true);
      assert.equal(actor.send("c"), true);
    }
    log.push(`${message} ends`);
  });
  actor.send("a");
  assert.deepEqual(actor.state, ["a", "b", "c"]);
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

Deno.test("LocalActor.sendUrgent() overtakes what waits", () => {
  const actor = keeper((message) => {
    if (message !== "a") return;
    actor.send("b");
    actor.sendUrgent("down");
  });
  actor.send("a");
  assert.deepEqual(actor.state, ["a", "down", "b"]);
});

Deno.test("LocalActor.send() refuses what does not fit the mailbox; urgent messages always fit", () => {
  const taken: boolean[] = [];
  const actor = keeper((message) => {
    if (message !== "a") return;
    for (const each of ["b", "c", "d"]) taken.push(actor.send(each));
    actor.sendUrgent("down");
  }, { mailboxLimit: 2 });
  actor.send("a");
  assert.deepEqual(taken, [true, true, false]);
  assert.deepEqual(actor.state, ["a", "down", "b", "c"]);
  assert.equal(actor.send("e"), true);
});

Deno.test("LocalActor performs an effect with the state that it came from", () => {
  const seen: number[] = [];
  const actor = new LocalActor<number, number, number>({
    state: 0,
    step: (state, add) => [state + add, [1, 2]],
    perform: (_, state) => void seen.push(state),
  });
  actor.send(5);
  actor.send(1);
  assert.deepEqual(seen, [5, 5, 6, 6]);
});

Deno.test("LocalActor throws what an effect throws at the sender, and goes on", () => {
  const actor = keeper((message) => {
    if (message === "a") throw new RangeError("In an effect");
  });
  assert.throws(() => actor.send("a"), RangeError);
  assert.equal(actor.send("b"), true);
  assert.deepEqual(actor.state, ["a", "b"]);
});
