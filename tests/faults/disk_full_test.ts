/**
 * A disk that is full under the ledger of `tutti start`, as SQLite meets it: writes that fail, and
 * later succeed again. By the system's own limit on the size of files, which a process of its own has.
 */
import assert from "node:assert/strict";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { openLedger } from "../../src/store/open_store.ts";
import { StartProcess } from "../support/start_process.ts";

const AT_ONCE = 4;

async function ask(url: string, user = "anybody") {
  const messages = [{ role: "user", content: "Hello" }];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "fusion/p", messages, user }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function readiness(url: string): Promise<number> {
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  return response.status;
}

for (const onFailure of ["open", "closed"] as const) {
  Deno.test({
    name: `a disk that is full, and then is not, on_failure = "${onFailure}"`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const isOpen = onFailure === "open";
      await using files = await temporaryFolder();
      const held = Promise.withResolvers<void>();
      await using upstream = await startSimulation({
        script: ({ body }) => body.user === "held" ? { until: held.promise } : undefined,
      });
      const store = `sqlite:${files.path}/tutti.sqlite`;
      await Deno.writeTextFile(
        files.config,
        `[store]\nurl = "${store}"\non_failure = "${onFailure}"\n` +
          `[backend]\nbase_url = "${upstream.url}"\n[[profiles]]\nname = "p"\n` +
          `[profiles.panel]\nmembers = ["a", "b"]\n[profiles.aggregator]\nsynthesizer = "s"\n`,
      );
      await using gateway = new StartProcess(files.config, {
        allow: [`--allow-write=${files.path}`],
        survivesFileLimit: true,
      });
      const url = await gateway.url();
      assert.equal((await ask(url)).status, 200);

      const inFlight = ask(url, "held");
      await upstream.waitFor(({ body }) => body.user === "held");
      await gateway.limitFiles(1);
      const [first, ...others] = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(url)));
      await gateway.said(/store away reason=/);
      for (const { status, body } of [first!, ...others]) {
        assert.equal(status, isOpen ? 200 : 503);
        if (!isOpen) assert.equal(body.error.code, "overloaded");
      }
      assert.equal(await readiness(url), isOpen ? 200 : 503);
      const calls = upstream.totals.requests;
      const away = await ask(url);
      assert.equal(away.status, isOpen ? 200 : 503);
      if (isOpen) assert.ok(upstream.totals.requests > calls);
      else {
        assert.equal(away.headers.get("retry-after"), "1");
        assert.equal(upstream.totals.requests, calls);
      }

      // Who was in before it was full is served to the end.
      held.resolve();
      assert.equal((await inFlight).status, 200);

      await gateway.limitFiles("unlimited");
      await gateway.said(/store back/);
      assert.equal(await readiness(url), 200);
      assert.equal((await ask(url)).status, 200);
      assert.equal(await gateway.end(), 0);

      // What passed while it was full was kept, and is written down: nothing is lost, nothing twice.
      await using ledger = await openedLedger(store);
      const [row] = await ledger.usage({ by: "key" });
      assert.deepEqual(
        [row!.requests, row!.lost, row!.open],
        [isOpen ? 4 + AT_ONCE : 3, 0, 0],
      );
      const { usage } = upstream.totals;
      assert.equal(row!.promptTokens + row!.completionTokens, usage.total_tokens);
    },
  });
}

async function temporaryFolder() {
  const path = await Deno.makeTempDir();
  return {
    path,
    config: `${path}/config.toml`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function openedLedger(url: string) {
  const ledger = await openLedger({ url });
  return {
    usage: ledger.usage.bind(ledger),
    [Symbol.asyncDispose]: () => ledger.close(),
  };
}
