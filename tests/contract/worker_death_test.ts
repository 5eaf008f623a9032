import assert from "node:assert/strict";
import type { DownReason } from "../../src/protocol/lifecycle.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { spawnWorker } from "../../src/runtime/spawn.ts";
import type { EchoAsk } from "../support/echo_actor.ts";
import { watchWorkers } from "../support/worker_count.ts";
import { Echo, echoUrl, HOSTS } from "./hosts.ts";

/** Silence is waited for on the real clock, so that a worker that lives would be heard. */
const patience = { clock: systemClock(), heartbeatMs: 50 };

function death(name: string, last: EchoAsk, reason: DownReason, error?: string) {
  Deno.test(`worker that ${name} ends each open ask as down, once: ${reason}`, async () => {
    using workers = watchWorkers();
    const echo = new Echo(HOSTS["in a worker"](), reason === "unresponsive" ? patience : {});
    await echo.ready;
    const open = [echo.ask({ do: "wait" }), echo.ask(last), echo.ask({ do: "greet" })];
    assert.equal(await echo.gone, reason);
    for (const { ended } of open) assert.deepEqual(await ended, { type: "down", reason });
    assert.deepEqual(await echo.ask({ do: "greet" }).ended, { type: "down", reason: "exited" });
    assert.deepEqual(echo.downs, [reason]);
    assert.equal(echo.error?.replace(/:\d+:\d+$/, ""), error);
    for (const [ask, terminals] of echo.terminals) assert.equal(terminals.length, 1, ask);
    assert.equal(workers.alive, 0);
  });
}

death(
  "throws where nobody catches",
  { do: "throw_later" },
  "crashed",
  "RangeError at echo_actor.ts",
);
death(
  "leaves a rejection unhandled",
  { do: "reject_later" },
  "crashed",
  "TypeError at echo_actor.ts",
);
death("posts what is not of the protocol", { do: "post", message: "garbage" }, "crashed");
death(
  "posts a failure with an unknown code",
  {
    do: "post",
    message: {
      type: "failed",
      ask: "ask1",
      failure: { code: "x", source: "gateway", retryable: false, message: "" },
    },
  },
  "crashed",
);
death("says of itself that it goes", { do: "post", message: { type: "exited" } }, "exited");
death("closes itself", { do: "close" }, "unresponsive");
death("calls Deno.exit", { do: "exit" }, "unresponsive");
death("no longer answers its pings", { do: "fall_silent" }, "unresponsive");
// Bounded: terminate() does not stop it, the thread lives until it is done.
death("spins", { do: "spin", ms: 500 }, "unresponsive");

Deno.test("worker that throws where nobody catches prints nothing of it", async () => {
  const dying = `
    import { HOSTS, Echo } from "${new URL("./hosts.ts", import.meta.url)}";
    for (const last of ["throw_later", "reject_later"]) {
      const echo = new Echo(HOSTS["in a worker"]());
      void echo.ask({ do: last });
      console.log(await echo.gone);
    }
  `;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-net", "--allow-read", "--ext=ts", "-"],
    cwd: new URL("../..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = output.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(dying));
  await writer.close();
  const { stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stdout), "crashed\ncrashed\n");
  assert.equal(new TextDecoder().decode(stderr), "");
});

Deno.test("worker that repeats its answer is heard once, the rest is counted", async () => {
  using workers = watchWorkers();
  {
    await using echo = new Echo(HOSTS["in a worker"]());
    assert.equal(await echo.value({ do: "echo", value: 1 }), 1);
    const again = { type: "answered", ask: "ask1", payload: { value: 2 } };
    const posting = echo.ask({ do: "post", message: again });
    assert.equal(await echo.value({ do: "echo", value: 3 }), 3);
    assert.equal(echo.lateReplies, 1);
    assert.deepEqual(echo.terminals.get("ask1"), [{ type: "answered", payload: { value: 1 } }]);
    echo.ref.kill();
    await posting.ended;
  }
  assert.equal(workers.alive, 0);
});

function stillborn(name: string, url: URL, reason: DownReason) {
  Deno.test(`worker ${name} never gets ready: ${reason}`, async () => {
    using workers = watchWorkers();
    const echo = new Echo(spawnWorker(url, { name: "stillborn", net: [] }));
    const ask = echo.ask({ do: "greet" });
    if (reason === "unresponsive") await echo.clock.advance(60_000);
    assert.equal(await echo.gone, reason);
    assert.deepEqual(await ask.ended, { type: "down", reason });
    assert.equal(echo.clock.pending, 0);
    assert.equal(workers.alive, 0);
  });
}

const script = (text: string) => new URL(`data:application/javascript,${encodeURIComponent(text)}`);

stillborn("whose file is missing", new URL("./no_such_file.ts", echoUrl), "crashed");
stillborn("whose file cannot be parsed", script("this is no program"), "crashed");
stillborn("whose file throws", script("throw new Error()"), "crashed");
stillborn("that serves no actor", script(""), "unresponsive");
stillborn("of another role", script(`postMessage({ type: "ready", role: "judge" })`), "crashed");
