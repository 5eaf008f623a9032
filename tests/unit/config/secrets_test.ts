import assert from "node:assert/strict";
import { resolveSecrets } from "../../../src/config/secrets.ts";
import { LEAST, loaded } from "./loading.ts";

/** SHA-256 of "test", as `printf %s test | sha256sum` prints it. */
const HASH_OF_TEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

Deno.test("resolveSecrets() finds each backend's key by its variable", () => {
  const config = loaded(`${LEAST}api_key_env = "ONE"
[[backends]]
name = "two"
base_url = "http://two/v1"
api_key_env = "TWO"
[[backends]]
name = "open"
base_url = "http://open/v1"`);
  const secrets = resolveSecrets(config, { ONE: "sk-1", TWO: " sk-2\n" });
  assert.deepEqual([...secrets.upstreamKeys], [["default", "sk-1"], ["two", "sk-2"]]);
  assert.deepEqual(secrets.faults, []);
  assert.deepEqual(secrets.warnings, []);
});

Deno.test("resolveSecrets() warns of an unset upstream key and names its variable", () => {
  const config = loaded(`${LEAST}api_key_env = "ONE"`);
  for (const env of [{}, { ONE: "" }, { ONE: " " }] as Record<string, string>[]) {
    const { upstreamKeys, faults, warnings } = resolveSecrets(config, env);
    assert.equal(upstreamKeys.size, 0);
    assert.deepEqual(faults, []);
    assert.deepEqual(warnings, [{
      key: 'api_key_env of backend "default"',
      message: "The variable ONE is not set: requests go without a key",
    }]);
  }
});

Deno.test("resolveSecrets() faults a key that no header can carry, without showing it", () => {
  const config = loaded(`${LEAST}api_key_env = "ONE"`);
  const { upstreamKeys, faults } = resolveSecrets(config, { ONE: "sk-1\nsk-2" });
  assert.equal(upstreamKeys.size, 0);
  assert.deepEqual(faults, [{
    key: 'api_key_env of backend "default"',
    message: "The variable ONE holds what cannot stand in a header",
  }]);
});

Deno.test("resolveSecrets() does not repeat a variable's name that may be the key itself", () => {
  const config = loaded(`${LEAST}api_key_env = "gsk_4f9aSECRET"`);
  const { warnings } = resolveSecrets(config, {});
  assert.equal(warnings.length, 1);
  assert(!JSON.stringify(warnings).includes("SECRET"));
});

Deno.test("resolveSecrets() hashes and numbers the client keys of the variable", () => {
  const config = loaded(`${LEAST}
[server.auth]
keys_env = "KEYS"
[[server.auth.keys]]
name = "alice"
sha256 = "${HASH_OF_TEST.toUpperCase()}"`);
  const { clientKeys, faults } = resolveSecrets(config, { KEYS: "test, ,other" });
  assert.deepEqual(faults, []);
  assert.deepEqual(clientKeys.map((key) => key.name), ["alice", "key-1", "key-2"]);
  assert.deepEqual(clientKeys[0]?.sha256, HASH_OF_TEST);
  assert.deepEqual(clientKeys[1]?.sha256, HASH_OF_TEST);
  assert.match(clientKeys[2]?.sha256 ?? "", /^[0-9a-f]{64}$/);
  assert.notEqual(clientKeys[2]?.sha256, HASH_OF_TEST);
});

Deno.test("resolveSecrets() faults client keys that are asked for and not there", () => {
  const config = loaded(`${LEAST}[server.auth]\nkeys_env = "KEYS"`);
  for (const env of [{}, { KEYS: "" }, { KEYS: " , " }] as Record<string, string>[]) {
    const { clientKeys, faults } = resolveSecrets(config, env);
    assert.deepEqual(clientKeys, []);
    assert.deepEqual(faults, [{
      key: "server.auth.keys_env",
      message: "The variable KEYS is not set or holds no key",
    }]);
  }
});
