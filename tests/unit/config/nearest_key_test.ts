import assert from "node:assert/strict";
import { nearestKeys } from "../../../src/config/nearest_key.ts";

const KNOWN = ["bind", "min_quorum", "timeout_ms", "backend", "backends", "base_url"];

Deno.test("nearestKeys() finds one edit in a short key and a few in a long one", () => {
  assert.deepEqual(nearestKeys("bnd", KNOWN), ["bind"]);
  assert.deepEqual(nearestKeys("bidn", KNOWN), ["bind"]);
  assert.deepEqual(nearestKeys("minquorm", KNOWN), ["min_quorum"]);
  assert.deepEqual(nearestKeys("timeoutMs", KNOWN), ["timeout_ms"]);
});

Deno.test("nearestKeys() gives both where two are as near", () => {
  assert.deepEqual(nearestKeys("backendz", KNOWN), ["backend", "backends"]);
});

Deno.test("nearestKeys() finds a key by a part of it, and nothing where nothing is near", () => {
  assert.deepEqual(nearestKeys("quorum", KNOWN), ["min_quorum"]);
  assert.deepEqual(nearestKeys("port", KNOWN), []);
  assert.deepEqual(nearestKeys("url", KNOWN), []);
  assert.deepEqual(nearestKeys("x".repeat(10_000), KNOWN), []);
  assert.deepEqual(nearestKeys("bind", []), []);
});
