import assert from "node:assert/strict";
import { resolveSecrets } from "../../../src/config/secrets.ts";
import { faultLines, LEAST, loaded } from "./loading.ts";

const PRICES = ["a", "b", "c", "s"]
  .map((model) => `[[prices]]\nmodel = "${model}"\ninput_per_mtok = 0\noutput_per_mtok = 0\n`)
  .join("");
const SHA = "ab".repeat(32);

Deno.test("config gives each client key its own limits and the server's for the rest", () => {
  const config = loaded(`${LEAST}
[server.limits]
requests_per_minute = 60
usd_per_day = 2.5
[server.auth]
keys_env = "KEYS"
[[server.auth.keys]]
name = "alice"
sha256 = "${SHA}"
requests_per_minute = 5
tokens_per_minute = 1000
${PRICES}`);
  const { clientKeys } = resolveSecrets(config, { KEYS: "other" });
  const common = { requestsPerMinute: 60, tokensPerMinute: undefined, usdPerDay: 2.5 };
  assert.deepEqual(clientKeys.map(({ limits }) => limits), [
    { requestsPerMinute: 5, tokensPerMinute: 1_000, usdPerDay: 2.5, usdPerMonth: undefined },
    { ...common, usdPerMonth: undefined },
  ]);
  assert.deepEqual(config.server.limits, { ...common, usdPerMonth: undefined });
  assert.equal(config.store, undefined);
});

Deno.test("config carries the store with its defaults", () => {
  assert.deepEqual(loaded(`${LEAST}[store]\nurl = "sqlite:x.sqlite"`).store, {
    ...{ url: "sqlite:x.sqlite", on_failure: "open", ledger_days: 400 },
  });
  const env = { TUTTI_STORE__URL: "redis://:secret@h" };
  assert.equal(loaded(LEAST, env).store?.url, "redis://:secret@h");
  const [line] = faultLines(LEAST, { TUTTI_STORE__URL: "mysql://:secret@h" });
  assert.ok(line?.startsWith("store.url: ") && !line.includes("secret"), line ?? "");
});

for (
  const [where, text] of [
    ["[server.limits]", "[server.limits]\nusd_per_month = 5"],
    ["a key", `[[server.auth.keys]]\nname = "alice"\nsha256 = "${SHA}"\nusd_per_day = 1`],
  ] as const
) {
  Deno.test(`config faults each model without a price where ${where} has a budget`, () => {
    const why =
      "without a price: a budget in US dollars is set, and [[prices]] has no such model " +
      "(one that is free has prices of 0)";
    assert.deepEqual(
      faultLines(`${LEAST}${text}`),
      [
        ...["a", "b", "c"].map((model, at) =>
          `profiles[0].panel.members[${at}]: Cannot be "${model}" ${why}`
        ),
        `profiles[0].aggregator.synthesizer: Cannot be "s" ${why}`,
      ].sort(),
    );
    assert.deepEqual(faultLines(`${LEAST}${text}\n${PRICES}`), []);
    assert.deepEqual(faultLines(`${LEAST}[server.limits]\ntokens_per_minute = 5`), []);
  });
}
