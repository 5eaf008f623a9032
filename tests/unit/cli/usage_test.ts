import assert from "node:assert/strict";
import { usage } from "../../../src/cli/usage.ts";
import type { Ledger } from "../../../src/store/backend.ts";
import type { UsageQuery, UsageRow } from "../../../src/store/usage_query.ts";

const row: UsageRow = {
  group: "team-a",
  requests: 12,
  lost: 1,
  open: 2,
  promptTokens: 3_400,
  completionTokens: 560,
  cachedTokens: 70,
  reasoningTokens: 8,
  costUsd: 0.0123,
};

Deno.test("usage() prints an aligned table with the sum of its rows", async () => {
  const { code, printed, asked } = await run([], [row, { ...row, group: "b", requests: 100 }]);
  assert.equal(code, 0);
  assert.deepEqual(asked, [{ by: "key", since: undefined }]);
  assert.equal(
    printed,
    [
      "key     requests  lost  open  prompt  completion  cached  reasoning       cost",
      "team-a        12     1     2    3400         560      70          8  $0.012300",
      "b            100     1     2    3400         560      70          8  $0.012300",
      "total        112     2     4    6800        1120     140         16  $0.024600",
      "",
    ].join("\n"),
  );
});

Deno.test("usage() prints no sum by model, where a request stands in several rows", async () => {
  const { printed } = await run(["--by", "model"], [row]);
  assert.doesNotMatch(printed, /total/);
});

Deno.test("usage() prints JSON with snake_case names", async () => {
  const { code, printed, asked } = await run(
    ["--by=day", "--since", "2026-09-01", "--json"],
    [{ ...row, group: "2026-09-22" }],
  );
  assert.equal(code, 0);
  assert.deepEqual(asked, [{ by: "day", since: "2026-09-01" }]);
  assert.deepEqual(JSON.parse(printed), [{
    day: "2026-09-22",
    requests: 12,
    lost: 1,
    open: 2,
    prompt_tokens: 3_400,
    completion_tokens: 560,
    total_tokens: 3_960,
    cached_tokens: 70,
    reasoning_tokens: 8,
    cost_usd: 0.0123,
  }]);
});

Deno.test("usage() hands on which configuration to load, and closes what it opened", async () => {
  const { configs, closed } = await run(["--config", "other.toml"], []);
  assert.deepEqual(configs, ["other.toml"]);
  assert.equal(closed, 1);
});

Deno.test("usage() says that nothing is there yet, in a table and in JSON", async () => {
  assert.equal((await run([], [])).printed, "No request is in the ledger yet.\n");
  assert.equal((await run(["--json"], [])).printed, "[]\n");
});

Deno.test("usage() ends with 2 on bad arguments and where no store is configured", async () => {
  for (
    const args of [
      ["--by", "colour"],
      ["--since", "yesterday"],
      ["--since", "2026-02-30"],
      ["--sinse", "2026-02-03"],
      ["stray"],
    ]
  ) {
    const { code, errors, printed, configs } = await run(args, [row]);
    assert.equal(code, 2, args.join(" "));
    assert.notEqual(errors, "");
    assert.deepEqual([printed, configs], ["", []]);
  }
  const { code, errors } = await run([], undefined);
  assert.equal(code, 2);
  assert.equal(errors, "Cannot show usage: the configuration has no [store]\n");
});

Deno.test("usage() ends with 1 where the store does not answer, and still closes it", async () => {
  const failure = Object.assign(new Error("10.0.0.1 s3cret"), { code: "ECONNREFUSED" });
  const { code, errors, closed } = await run([], failure);
  assert.deepEqual([code, closed], [1, 1]);
  assert.equal(errors, "Cannot show usage: ECONNREFUSED\n");
});

Deno.test("usage() explains itself without a store", async () => {
  const { code, printed, configs } = await run(["--help"], undefined);
  assert.equal(code, 0);
  assert.match(printed, /--by key\|profile\|model\|day/);
  assert.deepEqual(configs, []);
});

async function run(args: string[], rows: readonly UsageRow[] | Error | undefined) {
  const asked: UsageQuery[] = [];
  const configs: (string | undefined)[] = [];
  let [printed, errors, closed] = ["", "", 0];
  const ledger: Ledger = {
    usage(query) {
      asked.push(query);
      return rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows ?? []);
    },
    close() {
      closed += 1;
      return Promise.resolve();
    },
  };
  const code = await usage(args, {
    openStore(config) {
      configs.push(config);
      return Promise.resolve(rows === undefined ? "no_store" : ledger);
    },
    print: (text) => printed += text,
    printError: (text) => errors += text,
  });
  return { code, printed, errors, asked, configs, closed };
}
