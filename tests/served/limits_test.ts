/**
 * Limits, budgets and the ledger over `tutti start` as people run it: real processes, a real file, a
 * real Redis, and a simulated upstream.
 */
import assert from "node:assert/strict";
import { type Simulation, startSimulation } from "../../src/simulation/simulation.ts";
import type { Script } from "../../src/simulation/behaviour.ts";
import { openLedger } from "../../src/store/open_store.ts";
import type { UsageRow } from "../../src/store/usage_query.ts";
import { StartProcess } from "../support/start_process.ts";
import { noRedis, RedisServer } from "../store/redis_server.ts";

const MODELS = ["a", "b", "j", "s"];
const QUESTION = "What is the capital of Australia?";

interface Configured {
  readonly store?: string;
  readonly onFailure?: "open" | "closed";
  readonly limits?: string;
  readonly graceMs?: number;
}

function configText(upstream: string, { store, onFailure, limits, graceMs }: Configured): string {
  return [
    ...["[server]", `shutdown_grace_ms = ${graceMs ?? 30_000}`],
    ...["[server.limits]", limits ?? ""],
    ...(store ? ["[store]", `url = "${store}"`, `on_failure = "${onFailure ?? "open"}"`] : []),
    ...["[backend]", `base_url = "${upstream}"`],
    ...["[[profiles]]", `name = "p"`],
    ...["[profiles.panel]", `members = ["a", "b"]`],
    ...["[profiles.aggregator]", `judge = "j"`, `synthesizer = "s"`],
    ...MODELS.map((model) =>
      `[[prices]]\nmodel = "${model}"\ninput_per_mtok = 1\noutput_per_mtok = 1`
    ),
    "",
  ].join("\n");
}

class Ground implements AsyncDisposable {
  readonly config: string;
  readonly store: string;

  private constructor(readonly folder: string, readonly upstream: Simulation) {
    this.config = `${folder}/config.toml`;
    this.store = `sqlite:${folder}/tutti.sqlite`;
  }

  static async make(script?: Script): Promise<Ground> {
    const upstream = await startSimulation(script ? { script } : {});
    return new Ground(await Deno.makeTempDir(), upstream);
  }

  async configure(configured: Configured): Promise<void> {
    await Deno.writeTextFile(this.config, configText(this.upstream.url, configured));
  }

  start(): StartProcess {
    return new StartProcess(this.config, { allow: [`--allow-write=${this.folder}`] });
  }

  /** Sums by key, read as `tutti usage` reads them. */
  async usage(): Promise<readonly UsageRow[]> {
    const ledger = await openLedger({ url: this.store });
    try {
      return await ledger.usage({ by: "key" });
    } finally {
      await ledger.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.upstream.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { error?: { code: string } };
}

async function ask(url: string, change: Record<string, unknown> = {}): Promise<Said> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      model: "fusion/p",
      messages: [{ role: "user", content: QUESTION }],
      ...change,
    }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function isSynthesis({ model }: { readonly model: string }): boolean {
  return model === "s";
}

Deno.test("a killed gateway's unfinished request is marked lost on start, finished ones are kept", async () => {
  let holding = false;
  const never = Promise.withResolvers<void>();
  await using ground = await Ground.make((request) =>
    holding && isSynthesis(request) ? { until: never.promise } : undefined
  );
  await ground.configure({ store: ground.store });
  let told: { total_tokens: number };
  {
    await using killed = ground.start();
    const url = await killed.url();
    told = (await ask(url)).body.usage as typeof told;
    holding = true;
    const before = ground.upstream.requests.length;
    const cutOff = ask(url);
    // The panel and the judge have answered; their tokens are spent.
    await ground.upstream.waitFor((request) => isSynthesis(request) && request.number > before);
    assert.equal((await ground.usage())[0]!.open, 1);
    await Promise.all([assert.rejects(cutOff), killed.end("SIGKILL")]);
  }
  never.resolve();
  holding = false;
  await using again = ground.start();
  const url = await again.url();
  await again.said(/store lost ledger entries requests=1/);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /tutti_store_events_total\{type="lost"\} 1/);
  const [row] = await ground.usage();
  assert.equal(row!.requests, 2);
  assert.equal(row!.lost, 1);
  assert.equal(row!.open, 0);
  assert.equal(row!.promptTokens + row!.completionTokens, told.total_tokens);

  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net", "--allow-env", "--allow-read", "src/main.ts"],
      ...["usage", "--by", "model", "--json", "--config", ground.config],
    ],
    cwd: new URL("../../", import.meta.url),
    stderr: "null",
  }).output();
  assert.equal(code, 0);
  const rows: { model: string; total_tokens: number; cost_usd: number }[] = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  assert.deepEqual(rows.map(({ model }) => model).sort(), MODELS);
  assert.equal(rows.reduce((sum, each) => sum + each.total_tokens, 0), told.total_tokens);
  const cost = rows.reduce((sum, each) => sum + each.cost_usd, 0);
  assert.ok(Math.abs(cost - told.total_tokens / 1e6) < 1e-9);
});

Deno.test("a request whose client leaves is in the ledger with what it had used", async () => {
  const never = Promise.withResolvers<void>();
  await using ground = await Ground.make((request) =>
    isSynthesis(request) ? { until: never.promise } : undefined
  );
  await ground.configure({ store: ground.store });
  await using gateway = ground.start();
  const url = await gateway.url();
  const leaving = new AbortController();
  const asked = fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      ...{ model: "fusion/p", stream: true },
      messages: [{ role: "user", content: QUESTION }],
    }),
    signal: leaving.signal,
  }).then((response) => response.text());
  await ground.upstream.waitFor(isSynthesis);
  leaving.abort();
  await assert.rejects(asked);
  await gateway.said(/request finished .*outcome=cancelled/);
  never.resolve();
  const [row] = await ground.usage();
  assert.equal(row!.group, "anonymous");
  assert.deepEqual([row!.requests, row!.lost, row!.open], [1, 0, 0]);
  assert.ok(row!.promptTokens > 0 && row!.completionTokens > 0);
});

Deno.test("an orderly end settles what it cuts off", async () => {
  const never = Promise.withResolvers<void>();
  await using ground = await Ground.make((request) =>
    isSynthesis(request) ? { until: never.promise } : undefined
  );
  await ground.configure({ store: ground.store, graceMs: 0 });
  const gateway = ground.start();
  const asked = ask(await gateway.url());
  await ground.upstream.waitFor(isSynthesis);
  assert.equal(await gateway.end(), 0);
  never.resolve();
  assert.equal((await asked).status, 503);
  const [row] = await ground.usage();
  assert.deepEqual([row!.requests, row!.lost, row!.open], [1, 0, 0]);
  assert.ok(row!.completionTokens > 0);
});

Deno.test("two requests at once cannot both pass a budget for one, over the wire", async () => {
  const held = Promise.withResolvers<void>();
  await using ground = await Ground.make(() => ({ until: held.promise }));
  // Worst case of this single call: 100 tokens of answer and a short prompt, a dollar a million.
  await ground.configure({ store: ground.store, limits: "usd_per_day = 0.0002" });
  await using gateway = ground.start();
  const url = await gateway.url();
  const body = { max_tokens: 100, fusion: { route: "single" } };
  const both = [ask(url, body), ask(url, body)];
  const refused = await Promise.race(both);
  held.resolve();
  assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 429]);
  assert.equal(refused.status, 429);
  assert.equal(refused.body.error?.code, "insufficient_quota");
  // What the first did not use is free again, until the day's budget is spent.
  assert.equal((await ask(url, body)).status, 200);
  for (let asked = 0; asked < 50 && (await ask(url, body)).status === 200;) asked++;
  const [row] = await ground.usage();
  assert.ok(row!.costUsd <= 0.0002, String(row!.costUsd));
});

Deno.test("a reload keeps the counts and applies the new limits; the store stays", async () => {
  await using ground = await Ground.make();
  await ground.configure({ store: ground.store, limits: "requests_per_minute = 3" });
  await using gateway = ground.start();
  const url = await gateway.url();
  for (const remaining of ["2", "1"]) {
    const { status, headers } = await ask(url);
    assert.equal(status, 200);
    assert.equal(headers.get("x-ratelimit-remaining-requests"), remaining);
  }
  const other = `sqlite:${ground.folder}/other.sqlite`;
  await ground.configure({ store: other, limits: "requests_per_minute = 2" });
  await gateway.said(/configuration reloaded/);
  await gateway.said(/a change of \[store\] needs a restart/);
  const { status, headers, body } = await ask(url);
  assert.equal(status, 429);
  assert.equal(headers.get("x-ratelimit-limit-requests"), "2");
  assert.equal(body.error?.code, "rate_limit_exceeded");
  assert.ok(Number(headers.get("retry-after")) >= 1);
  assert.equal((await ground.usage())[0]!.requests, 2);
});

for (const onFailure of ["open", "closed"] as const) {
  Deno.test({
    name: `a store that goes away and comes back, on_failure = "${onFailure}"`,
    ignore: noRedis !== undefined,
    async fn() {
      await using redis = await RedisServer.start();
      await using ground = await Ground.make();
      const limits = "requests_per_minute = 1000";
      await ground.configure({ store: redis.url, onFailure, limits });
      await using gateway = ground.start();
      const url = await gateway.url();
      const there = await ask(url);
      assert.equal(there.status, 200);
      assert.equal(there.headers.get("x-ratelimit-limit-requests"), "1000");

      await redis.stop();
      await gateway.said(/store away/);
      const away = await ask(url);
      const ready = await fetch(`${url}/readyz`);
      await ready.body?.cancel();
      const isOpen = onFailure === "open";
      assert.equal(away.status, isOpen ? 200 : 503);
      assert.equal(ready.status, isOpen ? 200 : 503);
      if (isOpen) assert.equal(away.headers.get("x-ratelimit-limit-requests"), null);
      else {
        assert.equal(away.body.error?.code, "overloaded");
        assert.equal(away.headers.get("retry-after"), "1");
      }

      await redis.start();
      await gateway.said(/store back/);
      assert.equal((await ask(url)).status, 200);
      const ledger = await openLedger({ url: redis.url });
      // It keeps nothing on disk: what is there was written since. The one that passed unchecked is.
      const [row] = await ledger.usage({ by: "key" });
      await ledger.close();
      assert.equal(row!.requests, isOpen ? 2 : 1);
      assert.equal(row!.open, 0);
    },
  });
}
