import assert from "node:assert/strict";
import { applyOverrides } from "../../../src/config/overrides.ts";
import { faultLines, LEAST, loaded } from "./loading.ts";

Deno.test("applyOverrides() sets nested keys, list entries and the next free index", () => {
  const tree = { profiles: [{ name: "p", panel: { members: ["a"] } }] };
  const { faults } = applyOverrides(tree, {
    TUTTI_SERVER__BIND: ":0",
    TUTTI_PROFILES__0__PANEL__MEMBERS__1: "b",
    TUTTI_PROFILES__0__PANEL__MIN_QUORUM: "2",
    TUTTI_PRICES__0__MODEL: "a",
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(JSON.parse(JSON.stringify(tree)), {
    profiles: [{ name: "p", panel: { members: ["a", "b"], min_quorum: 2 } }],
    server: { bind: ":0" },
    prices: [{ model: "a" }],
  });
});

Deno.test("applyOverrides() reads a TOML value, else takes the text as it is", () => {
  const values: [text: string, value: unknown][] = [
    ["3", 3],
    ["0.5", 0.5],
    ["true", true],
    ['"3"', "3"],
    ['["a", "b"]', ["a", "b"]],
    ["http://localhost:8000/v1", "http://localhost:8000/v1"],
    ["model-a", "model-a"],
    ["", ""],
    ['"a"\nother = 1', '"a"\nother = 1'],
  ];
  for (const [text, value] of values) {
    const tree: Record<string, unknown> = {};
    applyOverrides(tree, { TUTTI_A__B: text });
    assert.deepEqual(JSON.parse(JSON.stringify(tree)), { a: { b: value } }, text);
  }
});

Deno.test("applyOverrides() ignores what is not a nested key of ours", () => {
  const tree = {};
  const env = {
    TUTTI_CONFIG: "/etc/tutti.toml",
    TUTTI_SERVICE_HOST: "10.0.0.1",
    TUTTI_PORT_8080_TCP_ADDR: "10.0.0.1",
    CHORUS_SERVER__BIND: ":1",
    tutti_server__bind: ":2",
  };
  assert.deepEqual(applyOverrides(tree, env), { overrides: [], faults: [] });
  assert.deepEqual(tree, {});
});

Deno.test("applyOverrides() names the variable that fits nowhere, and goes on", () => {
  const tree = { profiles: [{ name: "p" }], server: { bind: ":1" } };
  const { faults } = applyOverrides(tree, {
    TUTTI_PROFILES__2__NAME: "q",
    TUTTI_PROFILES__FIRST__NAME: "q",
    TUTTI_SERVER__BIND__PORT: "2",
    TUTTI_SERVER____BIND: "2",
    TUTTI_SERVER__QUEUE_LIMIT: "7",
  });
  assert.deepEqual(
    faults,
    [
      {
        key: "TUTTI_PROFILES__2__NAME",
        message: "Cannot set a key in profiles: its next free index is 1",
      },
      {
        key: "TUTTI_PROFILES__FIRST__NAME",
        message: "Cannot set a key in profiles: it is a list, so an index must follow",
      },
      {
        key: "TUTTI_SERVER____BIND",
        message: 'Cannot set a key in server: a name stands between two "__"',
      },
      {
        key: "TUTTI_SERVER__BIND__PORT",
        message: "Cannot set a key in server.bind: it is not a table",
      },
    ].sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true })),
  );
  assert.deepEqual(tree.server, { bind: ":1", queue_limit: 7 });
});

Deno.test("applyOverrides() reaches no prototype", () => {
  applyOverrides({}, { TUTTI_CONSTRUCTOR__PROTOTYPE__STOLEN: "1", TUTTI_TOSTRING__STOLEN: "1" });
  assert.equal("stolen" in Object.prototype, false);
  assert.equal("stolen" in Function.prototype, false);
});

Deno.test("parseConfig() lets a variable win over the file", () => {
  const config = loaded(`${LEAST}[server]\nbind = "127.0.0.1:1"`, {
    TUTTI_SERVER__BIND: "0.0.0.0:2",
    TUTTI_PROFILES__0__PANEL__MIN_QUORUM: "3",
    TUTTI_PROFILES__0__PANEL__MEMBERS__0: "other",
  });
  assert.equal(config.server.port, 2);
  assert.equal(config.profiles[0]?.panel.minQuorum, 3);
  assert.equal(config.profiles[0]?.panel.members[0]?.id, "other");
});

Deno.test("parseConfig() names the variable whose key is unknown or whose value is faulty", () => {
  const env = {
    TUTTI_SERVER__BNID: ":1",
    TUTTI_RUNTIMES__WORKERS: "1",
    TUTTI_BACKEND__TIMEOUT_MS: "soon",
    TUTTI_PROFILES__0__PANEL__MIN_QUORUM: "4",
  };
  assert.deepEqual(faultLines(LEAST, env), [
    "backend.timeout_ms: Must be a number, got a string (set by TUTTI_BACKEND__TIMEOUT_MS)",
    "profiles[0].panel.min_quorum: Cannot be 4: the panel makes 3 calls " +
    "(set by TUTTI_PROFILES__0__PANEL__MIN_QUORUM)",
    'runtimes: Unknown key; did you mean "runtime"? (set by TUTTI_RUNTIMES__WORKERS)',
    'server.bnid: Unknown key; did you mean "bind"? (set by TUTTI_SERVER__BNID)',
  ]);
});
