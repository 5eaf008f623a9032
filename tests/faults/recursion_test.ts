/**
 * A gateway in front of itself stops at depth 1.
 * @module
 */
import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { resolveSecrets } from "../../src/config/secrets.ts";
import { startGateway } from "../../src/gateway.ts";
import { createLog } from "../../src/observe/log.ts";

/** A port that was free a moment ago: the gateway must know its own address beforehand. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a gateway that is its own upstream refuses its own calls instead of multiplying them", async () => {
  const port = freePort();
  const loaded = parseConfig(
    `[server]\nbind = "127.0.0.1:${port}"\n[backend]\nbase_url = "http://127.0.0.1:${port}/v1"\n` +
      `[[profiles]]\nname = "p"\n[profiles.panel]\nmembers = ["a", "b"]\n` +
      `[profiles.aggregator]\nsynthesizer = "s"\n`,
    { path: "test", env: {} },
  );
  assert.ok(loaded.type === "loaded");
  const gateway = await startGateway({
    config: loaded.config,
    secrets: resolveSecrets(loaded.config, {}),
    log: createLog({ write: () => {}, now: Date.now }),
  });
  await gateway.system.ready();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "fusion/p", messages: [{ role: "user", content: "Hello" }] }),
  });
  const { error } = await response.json();
  assert.equal(response.status, 400);
  const reasons = error.fusion.members.map(({ reason }: { reason: string }) => reason);
  assert.ok(reasons.includes("http_400"), String(reasons));
  await gateway.close();
});
