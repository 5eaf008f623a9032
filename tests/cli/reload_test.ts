/**
 * The configuration is swapped whole while requests are in flight: a good one by a changed file or
 * SIGHUP, a bad one not at all.
 * @module
 */
import assert from "node:assert/strict";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { StartProcess } from "../support/start_process.ts";

function configText(baseUrl: string, profile: string): string {
  return `[backend]\nbase_url = "${baseUrl}"\n[[profiles]]\nname = "${profile}"\n` +
    `[profiles.panel]\nmembers = ["a", "b"]\n[profiles.aggregator]\nsynthesizer = "s"\n`;
}

async function ask(url: string, profile: string): Promise<number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      model: `fusion/${profile}`,
      messages: [{ role: "user", content: "What is the capital of Australia?" }],
    }),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("start swaps a changed configuration in without dropping what is in flight", async () => {
  const held = Promise.withResolvers<void>();
  let holding = true;
  await using upstream = await startSimulation({
    script: () => holding ? { until: held.promise } : undefined,
  });
  const folder = await Deno.makeTempDir();
  const config = `${folder}/config.toml`;
  await Deno.writeTextFile(config, configText(upstream.url, "old"));
  {
    await using served = new StartProcess(config);
    const url = await served.url();
    const inFlight = ask(url, "old");
    await upstream.waitFor(() => true);
    holding = false;

    await Deno.writeTextFile(config, configText(upstream.url, "new"));
    await served.said(/configuration reloaded/);
    assert.equal(await ask(url, "new"), 200);
    assert.equal(await ask(url, "old"), 404);
    held.resolve();
    assert.equal(await inFlight, 200);

    await Deno.writeTextFile(config, "[server]\nbund = 1\n");
    await served.said(/configuration refused/);
    assert.equal(await ask(url, "new"), 200);

    await Deno.writeTextFile(`${config}.next`, configText(upstream.url, "third"));
    await Deno.rename(`${config}.next`, config);
    await served.said(/reloaded[^]*reloaded/);
    assert.equal(await ask(url, "third"), 200);

    served.signal("SIGHUP");
    await served.said(/reloaded[^]*reloaded[^]*reloaded/);
    assert.equal(await ask(url, "third"), 200);
    assert.equal(await served.end(), 0);
  }
  await Deno.remove(folder, { recursive: true });
});
