/**
 * A client that leaves takes its upstream calls with it, whatever the size of its request and
 * whether or not a byte of the answer has been sent. Asserted at the far end.
 * @module
 */
import assert from "node:assert/strict";
import OpenAI from "openai";
import { parseConfig } from "../../src/config/load.ts";
import { resolveSecrets } from "../../src/config/secrets.ts";
import { startGateway } from "../../src/gateway.ts";
import { createLog } from "../../src/observe/log.ts";
import { startSimulation } from "../../src/simulation/simulation.ts";

for (const stream of [false, true]) {
  for (const size of [10, 2_000, 200_000]) {
    const how = `${stream ? "streamed" : "whole"} answer, ${size} characters asked`;
    Deno.test(`a client that leaves closes every upstream call: ${how}`, async () => {
      await using upstream = await startSimulation({ script: () => ({ hang: "body" }) });
      const loaded = parseConfig(
        `[server]\nbind = "127.0.0.1:0"\n[backend]\nbase_url = "${upstream.url}"\n` +
          `[[profiles]]\nname = "p"\n[profiles.panel]\nmembers = ["a", "b", "c"]\n` +
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
      const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "unused", maxRetries: 0 });
      const abort = new AbortController();
      const asked = client.chat.completions.create(
        {
          model: "fusion/p",
          messages: [{ role: "user", content: "x".repeat(size) }],
          stream: stream as false,
        },
        { signal: abort.signal },
      );
      const left = (async () => {
        for await (const _ of (await asked) as unknown as AsyncIterable<unknown>);
      })().catch(() => {});
      for (const model of ["a", "b", "c"]) {
        await upstream.waitFor((request) => request.model === model);
      }
      abort.abort();
      await left;
      for (const model of ["a", "b", "c"]) {
        const { endedAs } = await upstream.waitFor((request) =>
          request.model === model && request.endedAt !== undefined
        );
        assert.equal(endedAs, "aborted");
      }
      await gateway.close();
    });
  }
}
