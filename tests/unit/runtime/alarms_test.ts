import assert from "node:assert/strict";
import { Alarms } from "../../../src/runtime/alarms.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function alarms() {
  const clock = new FakeClock(1_000);
  const rung: string[] = [];
  const set = new Alarms<string>(clock, (name) => rung.push(`${name} ${clock.now()}`));
  return { clock, rung, set };
}

Deno.test("Alarms rings each once, in the order in which they become due", async () => {
  const { clock, rung, set } = alarms();
  set.set("late", 1_300);
  set.set("soon", 1_100);
  set.set("between", 1_200);
  await clock.advance(1_000);
  assert.deepEqual(rung, ["soon 1100", "between 1200", "late 1300"]);
  assert.equal(clock.pending, 0);
});

Deno.test("Alarms rings what is due in the same moment by when it was set", async () => {
  const { clock, rung, set } = alarms();
  set.set("first", 1_100);
  set.set("second", 1_100);
  await clock.advance(100);
  assert.deepEqual(rung, ["first 1100", "second 1100"]);
});

Deno.test("Alarms does not ring what was cleared, nor for an instant that was set anew", async () => {
  const { clock, rung, set } = alarms();
  set.set("cleared", 1_100);
  set.set("moved", 1_150);
  set.set("moved", 1_400);
  set.clear("cleared");
  set.clear("never set");
  await clock.advance(300);
  assert.deepEqual(rung, []);
  await clock.advance(100);
  assert.deepEqual(rung, ["moved 1400"]);
});

Deno.test("Alarms holds one timer of the clock, and none when nothing is set", async () => {
  const { clock, set } = alarms();
  for (const [at, name] of ["a", "b", "c"].entries()) set.set(name, 1_300 - at);
  assert.equal(clock.pending, 1);
  set.clear("a");
  set.clear("b");
  assert.equal(clock.pending, 1);
  set.clear("c");
  assert.equal(clock.pending, 0);
  set.set("a", 1_100);
  await clock.advance(100);
  assert.equal(clock.pending, 0);
  set.set("b", 1_300);
  set.clearAll();
  assert.equal(clock.pending, 0);
});

Deno.test("Alarms lets one that rings set and clear others", async () => {
  const clock = new FakeClock(1_000);
  const rung: string[] = [];
  const set: Alarms<string> = new Alarms(clock, (name) => {
    rung.push(`${name} ${clock.now()}`);
    if (name !== "first") return;
    set.clear("cleared");
    set.set("overdue", 1_050);
    set.set("next", 1_200);
  });
  set.set("first", 1_100);
  set.set("cleared", 1_100);
  await clock.advance(500);
  assert.deepEqual(rung, ["first 1100", "overdue 1100", "next 1200"]);
});
