/**
 * The configuration is swapped whole while requests are in flight: a good one by a changed file or
 * SIGHUP, a bad one not at all.
 * @module
 */
import assert from "node:assert/strict";
import { startSimulation } from "../../src/simulation/simulation.ts";

function configText(baseUrl: string, profile: string): string {
  return `[backend]\nbase_url = "${baseUrl}"\n[[profiles]]\nname = "${profile}"\n` +
    `[profiles.panel]\nmembers = ["a", "b"]\n[profiles.aggregator]\nsynthesizer = "s"\n`;
}

class Served implements AsyncDisposable {
  #text = "";
  #wake: (() => void)[] = [];
  readonly #read: Promise<void>;

  constructor(readonly process: Deno.ChildProcess, readonly config: string) {
    const lines = process.stdout.pipeThrough(new TextDecoderStream());
    this.#read = (async () => {
      for await (const text of lines) {
        this.#text += text;
        for (const wake of this.#wake.splice(0)) wake();
      }
    })();
  }

  static async start(config: string): Promise<Served> {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-net", "--allow-env", "--allow-read", "src/main.ts", "start"],
        ...["--config", config, "--bind", "127.0.0.1:0"],
      ],
      cwd: new URL("../../", import.meta.url),
      env: { TUTTI_CONFIG: "" },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return await Promise.resolve(new Served(process, config));
  }

  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match) return match;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async [Symbol.asyncDispose]() {
    this.process.kill("SIGTERM");
    assert.equal((await this.process.status).code, 0);
    await this.#read;
  }
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
    await using served = await Served.start(config);
    const [, url] = await served.said(/listening on (http:\S+)/);
    const inFlight = ask(url!, "old");
    await upstream.waitFor(() => true);
    holding = false;

    await Deno.writeTextFile(config, configText(upstream.url, "new"));
    await served.said(/configuration reloaded/);
    assert.equal(await ask(url!, "new"), 200);
    assert.equal(await ask(url!, "old"), 404);
    held.resolve();
    assert.equal(await inFlight, 200);

    await Deno.writeTextFile(config, "[server]\nbund = 1\n");
    await served.said(/configuration refused/);
    assert.equal(await ask(url!, "new"), 200);

    await Deno.writeTextFile(`${config}.next`, configText(upstream.url, "third"));
    await Deno.rename(`${config}.next`, config);
    await served.said(/reloaded[^]*reloaded/);
    assert.equal(await ask(url!, "third"), 200);

    served.process.kill("SIGHUP");
    await served.said(/reloaded[^]*reloaded[^]*reloaded/);
    assert.equal(await ask(url!, "third"), 200);
  }
  await Deno.remove(folder, { recursive: true });
});
