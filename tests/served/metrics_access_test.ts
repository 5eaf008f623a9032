import assert from "node:assert/strict";
import { faultLine } from "../../src/config/faults.ts";
import { parseConfig } from "../../src/config/load.ts";
import { resolveSecrets } from "../../src/config/secrets.ts";
import { startGateway } from "../../src/gateway.ts";
import { createLog } from "../../src/observe/log.ts";
import { StartProcess } from "../support/start_process.ts";

const REST = `[backend]
base_url = "http://127.0.0.1:1/v1"
[[profiles]]
name = "test"
panel = { members = ["a"] }
aggregator = { synthesizer = "a" }
[runtime]
workers = 1
`;

function read(server: string, env: Record<string, string> = {}) {
  const text = `[server]\nbind = "127.0.0.1:0"\n${server}\n${REST}`;
  const parsed = parseConfig(text, { path: "config.toml", env: {} });
  if (parsed.type === "faults") throw new Error(parsed.faults.map(faultLine).join("\n"));
  return { config: parsed.config, secrets: resolveSecrets(parsed.config, env) };
}

async function gateway(server: string, env?: Record<string, string>) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), now: Date.now });
  const gateway = await startGateway({ ...read(server, env), log });
  await gateway.system.ready();
  return { ...gateway, gateway, lines, [Symbol.asyncDispose]: () => gateway.close() };
}

async function get(url: string, key?: string) {
  const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text() };
}

Deno.test("metrics are read by anybody at the gateway's address, unless it is said otherwise", async () => {
  await using house = await gateway("");
  assert.equal(house.metricsUrl, undefined);
  const { status, text } = await get(`${house.url}/metrics`);
  assert.equal(status, 200);
  assert.match(text, /^tutti_in_flight 0$/m);
});

Deno.test("metrics_bind serves metrics there and nothing else, and elsewhere no metrics", async () => {
  await using house = await gateway('metrics_bind = "127.0.0.1:0"');
  const apart = house.metricsUrl!;
  assert.match((await get(apart)).text, /^tutti_in_flight 0$/m);
  const here = await get(`${house.url}/metrics`);
  assert.equal(here.status, 404);
  assert.equal(JSON.parse(here.text).error.code, "not_found");
  for (const path of ["/v1/models", "/healthz", "/"]) {
    const other = await get(new URL(path, apart).href);
    assert.equal(other.status, 404);
    assert.equal(JSON.parse(other.text).error.code, "not_found");
  }
  assert.equal((await get(`${house.url}/healthz`)).status, 200);
});

for (const where of ["", '\nmetrics_bind = "127.0.0.1:0"']) {
  const at = where === "" ? "at the gateway's address" : "at its own";
  Deno.test(`metrics_key_env asks for its key, ${at}`, async () => {
    await using house = await gateway(`metrics_key_env = "KEY"${where}`, { KEY: "the-key\n" });
    const url = house.metricsUrl ?? `${house.url}/metrics`;
    assert.equal((await get(url, "the-key")).status, 200);
    for (const key of [undefined, "the-ke", "the-key-", "THE-KEY"]) {
      const { status, text } = await get(url, key);
      assert.equal(status, 401);
      assert.equal(JSON.parse(text).error.code, "invalid_api_key");
    }
    assert.equal((await get(`${house.url}/v1/models`)).status, 200, "the key is for metrics only");
    assert.ok(!house.lines.join("").includes("the-key"));
  });
}

Deno.test("metrics_key_env: a client's key does not read metrics", async () => {
  const server = 'metrics_key_env = "KEY"\nauth = { keys_env = "KEYS" }';
  await using house = await gateway(server, { KEY: "the-key", KEYS: "clients" });
  assert.equal((await get(`${house.url}/metrics`, "clients")).status, 401);
  assert.equal((await get(`${house.url}/v1/models`, "the-key")).status, 401);
  assert.equal((await get(`${house.url}/metrics`, "the-key")).status, 200);
});

Deno.test("a reload changes the metrics' key and not their address", async () => {
  await using house = await gateway('metrics_bind = "127.0.0.1:0"');
  const url = house.metricsUrl!;
  assert.equal(await house.gateway.reload(read('metrics_key_env = "KEY"', { KEY: "new" })), true);
  assert.equal((await get(url)).status, 401);
  assert.equal((await get(url, "new")).status, 200);
  assert.equal((await get(`${house.url}/metrics`, "new")).status, 404);
});

Deno.test("startGateway() says which address is taken, and leaves the other", async () => {
  await using taken = await gateway("");
  const { host } = new URL(taken.url);
  await assert.rejects(gateway(`metrics_bind = "${host}"`), {
    message: `Cannot listen on ${host}: the port is taken; name another in [server] metrics_bind`,
  });
});

Deno.test("metrics_bind and metrics_key_env: each fault is named", () => {
  const faults = (server: string) => {
    const parsed = parseConfig(`[server]\n${server}\n${REST}`, { path: "", env: {} });
    return parsed.type === "faults" ? parsed.faults.map(faultLine) : [];
  };
  assert.match(faults('metrics_bind = "9090"')[0]!, /^server\.metrics_bind: .*host:port/);
  assert.match(faults('metrics_key_env = "sk-1"')[0]!, /^server\.metrics_key_env: .*variable/);
  assert.match(
    faults('bind = ":9090"\nmetrics_bind = ":9090"')[0]!,
    /^server\.metrics_bind: Cannot be ":9090": server\.bind is/,
  );
  const { secrets } = read('metrics_key_env = "KEY"');
  assert.deepEqual(secrets.faults, [{
    key: "server.metrics_key_env",
    message: "The variable KEY is not set or holds no key",
  }]);
  assert.equal(read('metrics_key_env = "KEY"', { KEY: "a b" }).secrets.faults.length, 1);
});

Deno.test("start says where the metrics are, and that their address outlasts a reload", async () => {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/config.toml`;
  const write = (server: string) => Deno.writeTextFile(config, `[server]\n${server}\n${REST}`);
  await write('metrics_bind = "127.0.0.1:0"');
  {
    await using process = new StartProcess(config);
    const [, url] = await process.said(/metrics on (http:\S+)/);
    await process.url();
    assert.equal((await get(url!)).status, 200);
    await write("queue_limit = 7");
    await process.said(/a change of \[server\] metrics_bind needs a restart/);
    assert.equal((await get(url!)).status, 200);
  }
  await Deno.remove(folder, { recursive: true });
});
