import assert from "node:assert/strict";
import { limitsOf, limitsSchema, storeSchema } from "../../../src/store/store_config.ts";
import { sqlitePathOf } from "../../../src/store/open_store.ts";

Deno.test("storeSchema takes sqlite and redis URLs, and has defaults for the rest", () => {
  for (const url of ["sqlite:./tutti.sqlite", "redis://:secret@h:6379/2", "rediss://h"]) {
    assert.deepEqual(storeSchema.parse({ url }), { url, on_failure: "open", ledger_days: 400 });
  }
});

Deno.test("storeSchema refuses what no backend can open", () => {
  for (const url of ["sqlite:", "mysql://h", "tutti.sqlite", ""]) {
    assert.equal(storeSchema.safeParse({ url }).success, false, url);
  }
  assert.equal(storeSchema.safeParse({ url: "redis://h", on_failure: "maybe" }).success, false);
});

Deno.test("limitsSchema refuses limits of nothing, of a fraction, and unknown ones", () => {
  const refused: object[] = [
    { requests_per_minute: 0 },
    { requests_per_minute: 1.5 },
    { tokens_per_minute: -1 },
    { usd_per_day: 0 },
    { usd_per_hour: 1 },
  ];
  for (const limits of refused) assert.equal(limitsSchema.safeParse(limits).success, false);
});

Deno.test("limitsOf() takes the default for each limit that the key does not set", () => {
  assert.deepEqual(
    limitsOf({ requests_per_minute: 5 }, { requests_per_minute: 60, usd_per_day: 2.5 }),
    {
      requestsPerMinute: 5,
      tokensPerMinute: undefined,
      usdPerDay: 2.5,
      usdPerMonth: undefined,
    },
  );
});

Deno.test("sqlitePathOf() reads absolute and relative paths", () => {
  assert.equal(sqlitePathOf("sqlite:tutti.sqlite"), "tutti.sqlite");
  assert.equal(sqlitePathOf("sqlite:/var/lib/tutti.sqlite"), "/var/lib/tutti.sqlite");
  assert.equal(sqlitePathOf("sqlite:///var/lib/tutti.sqlite"), "/var/lib/tutti.sqlite");
  assert.equal(sqlitePathOf("redis://h"), undefined);
});
