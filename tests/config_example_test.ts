/**
 * config.example.toml is what an operator starts from: it must load, show every key, and tell the
 * truth about defaults.
 * @module
 */
import assert from "node:assert/strict";
import { parse, stringify } from "smol-toml";
import { fileSchema } from "../src/config/schema.ts";
import { schemaTables } from "../src/config/schema_walk.ts";
import { loaded } from "./unit/config/loading.ts";

const EXAMPLE = Deno.readTextFileSync("config.example.toml");
/** With the keys that have no default, which stand behind a "#" without a space. */
const FULL = EXAMPLE.replaceAll(/^#(?! |$)/gm, "");

type Table = Record<string, unknown>;

/** Every key in a tree, as `profiles[].panel.members`. */
function keysOf(value: unknown, pattern = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${pattern}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const path = pattern === "" ? key : `${pattern}.${key}`;
    return [path, ...keysOf(item, path)];
  });
}

Deno.test("config.example.toml loads as it is, for a server on port 8000 without a key", () => {
  const { server, backends, profiles } = loaded(EXAMPLE);
  assert.equal(server.bind, "127.0.0.1:8080");
  assert.deepEqual(backends, [
    { name: "default", baseUrl: "http://localhost:8000/v1", timeoutMs: 120_000 },
  ]);
  assert.deepEqual(profiles.map((profile) => profile.name), ["research"]);
});

Deno.test("config.example.toml loads with every commented-out key in use", () => {
  const { backends, profiles, prices, server, store } = loaded(FULL);
  assert.equal(backends.length, 2);
  assert.equal(profiles.length, 2);
  assert.equal(prices.length, 5);
  assert.equal(store?.url, "sqlite:tutti.sqlite");
  assert.equal(server.limits.usdPerDay, 5);
  assert.equal(server.auth.keys.length, 1);
});

Deno.test("config.example.toml shows every key of the schema", () => {
  const shown = new Set(keysOf(parse(FULL)));
  const known = schemaTables(fileSchema).flatMap(({ pattern, keys }) =>
    keys.map((key) => pattern === "" ? key : `${pattern}.${key}`)
  );
  assert(known.length > 60, `${known.length} keys known`);
  assert.deepEqual(known.filter((key) => !shown.has(key)), []);
});

Deno.test("config.example.toml shows the default of every key that has one", () => {
  const { backend, profiles } = parse(EXAMPLE) as { backend: Table; profiles: Table[] };
  const { name, panel, aggregator } = profiles[0] as {
    name: string;
    panel: Table;
    aggregator: Table;
  };
  const required = {
    backend: { base_url: backend.base_url },
    profiles: [{
      name,
      panel: { members: panel.members },
      aggregator: { synthesizer: aggregator.synthesizer },
    }],
  };
  assert.deepEqual(loaded(EXAMPLE), loaded(stringify(required)));
});

Deno.test("config.example.toml comments on every key it sets", () => {
  const bare = EXAMPLE.slice(0, EXAMPLE.indexOf("# A second profile")).split("\n")
    .filter((line) => /^[a-z_0-9]+ = /.test(line) && !/\S\s+# \S/.test(line))
    .filter((line) => !line.startsWith("name = "));
  assert.deepEqual(bare, []);
});
