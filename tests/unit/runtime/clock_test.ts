import assert from "node:assert/strict";
import { clockAlignedTo, systemClock } from "../../../src/runtime/clock.ts";

/** The wall clock, set by `ms` while `body` runs. */
async function withJump(ms: number, body: () => Promise<void>) {
  const now = Date.now;
  Date.now = () => now() + ms;
  try {
    await body();
  } finally {
    Date.now = now;
  }
}

Deno.test("systemClock() tells the wall clock's time when it is made", () => {
  assert.ok(Math.abs(systemClock().now() - Date.now()) < 1_000);
});

Deno.test("systemClock() never runs backwards", () => {
  const clock = systemClock();
  let last = clock.now();
  for (let at = 0; at < 10_000; at++) {
    const now = clock.now();
    assert.ok(now >= last);
    last = now;
  }
});

for (const jumpMs of [-3_600_000, 3_600_000]) {
  Deno.test(`systemClock() moves no deadline when the wall clock is set by ${jumpMs} ms`, async () => {
    const clock = systemClock();
    const begin = performance.now();
    const at = clock.now() + 30;
    const fired = new Promise<number>((resolve) => clock.at(at, () => resolve(clock.now())));
    await withJump(jumpMs, async () => {
      assert.ok(Math.abs(clock.now() - (at - 30)) < 10_000);
      assert.ok(await fired >= at);
    });
    assert.ok(performance.now() - begin < 60_000);
  });
}

Deno.test("systemClock() takes its origin from whoever makes it", () => {
  const clock = systemClock(5_000_000);
  const between = clock.now() - performance.now();
  assert.ok(Math.abs(between - 5_000_000) < 1_000);
});

Deno.test("Clock.at() never fires before its time", async () => {
  const clock = systemClock();
  const late = await Promise.all(
    Array.from({ length: 40 }, (_, each) => {
      const at = clock.now() + each * 0.37;
      return new Promise<number>((resolve) => clock.at(at, () => resolve(clock.now() - at)));
    }),
  );
  assert.deepEqual(late.filter((ms) => ms < 0), []);
});

Deno.test("Clock.at() fires soon when its time has passed", async () => {
  const clock = systemClock();
  await new Promise<void>((resolve) => clock.at(clock.now() - 60_000, resolve));
  await new Promise<void>((resolve) => clock.at(-Infinity, resolve));
});

Deno.test("Clock.at() does not fire what was cleared or disposed of", async () => {
  const clock = systemClock();
  let fired = 0;
  clock.at(clock.now() + 1, () => fired++).clear();
  {
    using _timer = clock.at(clock.now() + 1, () => fired++);
  }
  const timer = clock.at(clock.now(), () => fired++);
  await new Promise<void>((resolve) => clock.at(clock.now() + 15, resolve));
  assert.equal(fired, 1);
  timer.clear();
});

Deno.test("Clock.at() holds an instant that is further away than a timer can count", async () => {
  const clock = systemClock();
  let fired = false;
  // 2 ** 31 milliseconds would be taken for none at all.
  using _far = clock.at(clock.now() + 2 ** 31 + 5, () => fired = true);
  using _never = clock.at(Infinity, () => fired = true);
  await new Promise<void>((resolve) => clock.at(clock.now() + 15, resolve));
  assert.equal(fired, false);
});

Deno.test("clockAlignedTo() agrees with the clock it was told of", async () => {
  const parent = systemClock(42_000);
  await withJump(3_600_000, async () => {
    const child = clockAlignedTo(parent.now());
    await new Promise<void>((resolve) => parent.at(parent.now() + 10, resolve));
    assert.ok(Math.abs(child.now() - parent.now()) < 1_000);
  });
});

Deno.test("Clock.at() fires many in the order of their instants, and what they set and clear", async () => {
  const clock = systemClock();
  const now = clock.now();
  const log: string[] = [];
  const done = Promise.withResolvers<void>();
  const doomed = clock.at(now + 6, () => log.push("doomed"));
  clock.at(now + 5, () => {
    log.push("second");
    doomed.clear();
    clock.at(now + 4, () => {
      log.push("set on the way");
      done.resolve();
    });
  });
  clock.at(now + 3, () => log.push("first"));
  await done.promise;
  assert.deepEqual(log, ["first", "second", "set on the way"]);
});

Deno.test("Clock.at() fires the others when one of them throws", async () => {
  const clock = systemClock();
  const fired = Promise.withResolvers<void>();
  const thrown = Promise.withResolvers<unknown>();
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    thrown.resolve(event.error);
  };
  addEventListener("error", onError);
  try {
    const at = clock.now() + 2;
    clock.at(at, () => {
      throw new RangeError("In a timer");
    });
    clock.at(at, () => fired.resolve());
    await fired.promise;
    assert.ok(await thrown.promise instanceof RangeError);
  } finally {
    removeEventListener("error", onError);
  }
});
