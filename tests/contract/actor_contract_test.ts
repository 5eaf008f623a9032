import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "../../src/runtime/clock.ts";
import { settled } from "../support/fake_clock.ts";
import { watchWorkers } from "../support/worker_count.ts";
import { Echo, type EchoOptions, type EchoTerminal, HOSTS } from "./hosts.ts";

const cancelled = {
  type: "failed",
  failure: { code: "cancelled", source: "gateway", retryable: false, message: "Cancelled" },
};

const codeOf = (terminal: EchoTerminal) =>
  terminal.type === "failed" ? terminal.failure.code : terminal.type;

for (const [where, host] of Object.entries(HOSTS)) {
  /** One fact about an actor in this host. Afterwards: one terminal per ask, and no worker alive. */
  const fact = (
    name: string,
    body: (echo: Echo) => Promise<void>,
    options: EchoOptions = {},
  ) => {
    Deno.test(`actor ${where} ${name}`, async () => {
      using workers = watchWorkers();
      const echo = new Echo(host(), options);
      {
        await using _stopped = echo;
        await body(echo);
      }
      for (const [ask, terminals] of echo.terminals) assert.equal(terminals.length, 1, ask);
      assert.equal(echo.downs.length, 1);
      assert.equal(echo.ref.openAsks, 0);
      assert.equal(echo.clock.pending, 0);
      assert.equal(workers.alive, 0);
    });
  };

  fact("answers what it is asked", async (echo) => {
    assert.deepEqual(await echo.value({ do: "echo", value: { a: [1, "ü", null] } }), {
      a: [1, "ü", null],
    });
    assert.equal(await echo.value({ do: "greet" }), "hello");
  });

  fact("takes asks before it is ready, and handles them in order", async (echo) => {
    assert.equal(echo.ref.state, "starting");
    await Promise.all([echo.value({ do: "greet" }), echo.value({ do: "echo", value: 1 })]);
    assert.deepEqual(await echo.value({ do: "list_begun" }), ["greet", "echo", "list_begun"]);
  });

  fact("fails an ask with the failure and what it had spent", async (echo) => {
    assert.deepEqual(await echo.ask({ do: "fail" }).ended, {
      type: "failed",
      failure: {
        code: "http_429",
        source: "upstream",
        retryable: true,
        message: "Upstream answered 429",
        status: 429,
        retryAfterMs: 2_000,
      },
      partial: { spent: 7 },
    });
  });

  fact("survives an error in a handler, and tells nothing but its class", async (echo) => {
    const terminal = await echo.ask({ do: "throw", message: "the prompt was secret" }).ended;
    assert.deepEqual(terminal, {
      type: "failed",
      failure: {
        code: "crashed",
        source: "gateway",
        retryable: true,
        message: "Actor echo failed with RangeError",
      },
    });
    assert.equal(await echo.value({ do: "greet" }), "hello");
  });

  fact("aborts a running ask when it is cancelled, once, with the reason", async (echo) => {
    await echo.ready;
    const answering = echo.ask({ do: "wait" });
    const failing = echo.ask({ do: "wait_and_fail" });
    await echo.clock.advance(0);
    for (const { id } of [answering, failing, answering, failing]) echo.ref.cancel(id, "quorum");
    assert.deepEqual(await answering.ended, { type: "answered", payload: { value: "quorum" } });
    assert.deepEqual(await failing.ended, cancelled);
    echo.ref.cancel(answering.id, "again");
    echo.ref.cancel("nobody's", "unknown");
    assert.equal(await echo.value({ do: "greet" }), "hello");
  });

  fact("never starts a waiting ask that was cancelled", async (echo) => {
    const running = [echo.ask({ do: "wait" }), echo.ask({ do: "wait" })];
    const waiting = echo.ask({ do: "greet" });
    await echo.ready;
    echo.ref.cancel(waiting.id, "overtakes");
    assert.deepEqual(await waiting.ended, cancelled);
    for (const { id } of running) echo.ref.cancel(id, "done");
    await Promise.all(running.map(({ ended }) => ended));
    assert.deepEqual(await echo.value({ do: "list_begun" }), ["wait", "wait", "list_begun"]);
  });

  fact("is not even sent an ask that is cancelled before it is ready", async (echo) => {
    const { port1, port2 } = new MessageChannel();
    const ask = echo.ask({ do: "use_port" }, port2);
    echo.ref.cancel(ask.id, "early");
    assert.equal(echo.ref.state, "starting");
    assert.deepEqual(await ask.ended, cancelled);
    assert.deepEqual(await echo.value({ do: "list_begun" }), ["list_begun"]);
    port1.close();
  });

  fact("refuses what does not fit its mailbox, and drops nothing", async (echo) => {
    const running = [echo.ask({ do: "wait" }), echo.ask({ do: "wait" })];
    const waiting = [1, 2, 3].map((value) => echo.ask({ do: "echo", value }));
    const refused = [echo.ask({ do: "greet" }), echo.ask({ do: "greet" })];
    for (const { ended } of refused) assert.equal(codeOf(await ended), "overloaded");
    for (const { id } of running) echo.ref.cancel(id, "go on");
    assert.deepEqual(
      await Promise.all(waiting.map(({ ended }) => ended)),
      [1, 2, 3].map((value) => ({ type: "answered", payload: { value } })),
    );
  });

  fact("fails an ask that cannot be cloned, before it is ready and after", async (echo) => {
    const early = echo.ask({ do: "echo", value: () => {} });
    await echo.ready;
    const { port1, port2 } = new MessageChannel();
    const late = echo.ask({ do: "echo", value: Symbol("no") }, port2);
    for (const { ended } of [early, late]) assert.equal(codeOf(await ended), "crashed");
    assert.equal(await echo.value({ do: "greet" }), "hello");
    port1.close();
  });

  fact("fails an ask whose answer cannot be cloned, and lives on", async (echo) => {
    assert.equal(codeOf(await echo.ask({ do: "answer_uncloneable" }).ended), "crashed");
    assert.equal(await echo.value({ do: "greet" }), "hello");
  });

  fact("keeps the failure when what was spent cannot be cloned", async (echo) => {
    const terminal = await echo.ask({ do: "fail_with_uncloneable" }).ended;
    assert.equal(codeOf(terminal), "http_429");
    assert.equal("partial" in terminal, false);
  });

  fact("fails an ask or an answer that is not of the protocol", async (echo) => {
    assert.equal(codeOf(await echo.ask({ do: "nonsense" } as never).ended), "crashed");
    assert.equal(codeOf(await echo.ask({ do: "answer_out_of_protocol" }).ended), "crashed");
    assert.equal(await echo.value({ do: "greet" }), "hello");
  });

  fact("talks over a port that came with the ask, and closes it with the ask", async (echo) => {
    const { port1, port2 } = new MessageChannel();
    const ask = echo.ask({ do: "use_port" }, port2);
    port1.postMessage("over the port");
    const back = new Promise((resolve) => port1.onmessage = ({ data }) => resolve(data));
    assert.deepEqual(await ask.ended, { type: "answered", payload: { value: "over the port" } });
    assert.deepEqual(await back, { back: "over the port" });
    port1.close();
  });

  fact("ends every ask when it is stopped, and takes none after", async (echo) => {
    const open = [
      echo.ask({ do: "wait" }),
      echo.ask({ do: "wait_and_fail" }),
      echo.ask({ do: "greet" }),
    ];
    await echo.ready;
    echo.ref.stop();
    assert.deepEqual(await echo.ask({ do: "greet" }).ended, { type: "down", reason: "exited" });
    assert.deepEqual((await Promise.all(open.map(({ ended }) => ended))).map(codeOf), [
      "answered",
      "cancelled",
      "cancelled",
    ]);
    assert.equal(await echo.gone, null);
    assert.deepEqual(await echo.ask({ do: "greet" }).ended, { type: "down", reason: "exited" });
  });

  fact("gives every open ask a down when it is killed", async (echo) => {
    const open = [echo.ask({ do: "wait" }), echo.ask({ do: "wait" }), echo.ask({ do: "greet" })];
    await echo.ready;
    echo.ref.kill();
    for (const { ended } of open) assert.deepEqual(await ended, { type: "down", reason: "exited" });
    assert.equal(await echo.gone, "exited");
  });

  fact("that is stopped before it is ready is gone at once", async (echo) => {
    const { port1, port2 } = new MessageChannel();
    const ask = echo.ask({ do: "use_port" }, port2);
    echo.ref.stop();
    assert.deepEqual(await ask.ended, { type: "down", reason: "exited" });
    assert.equal(await echo.gone, null);
    port1.close();
  });

  fact("that cannot open is down as crashed", async (echo) => {
    const ask = echo.ask({ do: "greet" });
    assert.equal(await echo.gone, "crashed");
    assert.deepEqual(await ask.ended, { type: "down", reason: "crashed" });
  }, { start: { greeting: "", throws: true } });

  fact("that does not understand its start message is down as crashed", async (echo) => {
    assert.equal(await echo.gone, "crashed");
  }, { start: { nonsense: true } as never });

  fact("keeps time by its asker's clock", async (echo) => {
    const before = clock.now();
    const there = await echo.value({ do: "now" }) as number;
    assert.ok(there >= before - 10_000 && there <= clock.now(), `${there - before} ms`);
    echo.ref.kill();
  }, { clock: systemClock(1_000_000) });

  const clock = systemClock(1_000_000);

  fact("answers its pings", async (echo) => {
    await echo.ready;
    for (let beat = 0; beat < 8; beat++) {
      await echo.clock.advance(1_000);
      assert.equal(await echo.value({ do: "greet" }), "hello");
    }
    assert.deepEqual(echo.downs, []);
  });

  Deno.test(`actor ${where} gives every ask one terminal, whatever is done to it`, async () => {
    using workers = watchWorkers();
    const move = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("greet", "wait", "fail", "throw", "uncloneable") },
      { weight: 3, arbitrary: fc.nat(20) },
      { weight: 2, arbitrary: fc.constantFrom("turn", "ready") },
      { weight: 1, arbitrary: fc.constantFrom("stop", "kill") },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 30 }), async (moves) => {
        const echo = new Echo(host());
        for (const move of moves) {
          if (typeof move === "number") echo.ref.cancel(`ask${move}`, "cancelled");
          else if (move === "turn") await settled(1);
          else if (move === "ready") await Promise.race([echo.ready, echo.gone]);
          else if (move === "stop") echo.ref.stop();
          else if (move === "kill") echo.ref.kill();
          else if (move === "throw") echo.ask({ do: "throw", message: "" });
          else if (move === "uncloneable") echo.ask({ do: "echo", value: () => {} });
          else echo.ask({ do: move as "greet" | "wait" | "fail" });
        }
        await echo[Symbol.asyncDispose]();
        for (const [ask, terminals] of echo.terminals) assert.equal(terminals.length, 1, ask);
        assert.equal(echo.downs.length, 1);
        assert.equal(echo.lateReplies, 0);
        assert.equal(echo.clock.pending, 0);
      }),
      { numRuns: where === "in thread" ? 150 : 12 },
    );
    assert.equal(workers.alive, 0);
  });
}
