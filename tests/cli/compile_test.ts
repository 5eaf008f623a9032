/**
 * The compiled binary serves as the task does: workers inside, configuration from outside. Needs
 * Deno's base binary, which `deno compile` takes from DENORT_BIN or downloads; where neither is to
 * be had the test says that it is skipped.
 * @module
 */
import assert from "node:assert/strict";
import { startSimulation } from "../../src/simulation/simulation.ts";

const ROOT = new URL("../../", import.meta.url);

interface Compiled {
  readonly ok: boolean;
  readonly says: string;
}

/** Runs the project's own task, into a folder of the test's. */
async function compile(output: string): Promise<Compiled> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const [, ...args] = (tasks.compile as string).replace("--output tutti", `--output ${output}`)
    .split(" ");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  return { ok: success, says: new TextDecoder().decode(stderr) };
}

const folder = await Deno.makeTempDir();
const binary = `${folder}/tutti`;
const compiled = await compile(binary);
const baseIsAway = !compiled.ok &&
  /denort|dl\.deno\.land|download|lookup address|sending request/i.test(compiled.says);

if (baseIsAway) await Deno.remove(folder, { recursive: true });

Deno.test({
  name: baseIsAway
    ? "compile: skipped, Deno's base binary cannot be had here (no DENORT_BIN, no download)"
    : "compile makes a binary that serves a fused answer from an outside configuration",
  ignore: baseIsAway,
  fn: async () => {
    assert.ok(compiled.ok, compiled.says);
    await using upstream = await startSimulation();
    const config = `${folder}/config.toml`;
    await Deno.writeTextFile(
      config,
      `[backend]\nbase_url = "${upstream.url}"\n[[profiles]]\nname = "p"\n[profiles.panel]\n` +
        `members = ["a", "b"]\n[profiles.aggregator]\nsynthesizer = "s"\n`,
    );
    await using gateway = new Deno.Command(binary, {
      args: ["start", "--config", config, "--bind", "127.0.0.1:0"],
      stdout: "piped",
    }).spawn();
    const lines = gateway.stdout.pipeThrough(new TextDecoderStream());
    let url: string | undefined;
    for await (const text of lines.values({ preventCancel: true })) {
      url = /listening on (http:\S+)/.exec(text)?.[1];
      if (url) break;
    }
    assert.ok(url);
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({
        model: "fusion/p",
        messages: [{ role: "user", content: "What is the capital of Australia?" }],
      }),
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-fusion-outcome"), "fused");
    await response.body?.cancel();
    gateway.kill("SIGTERM");
    assert.equal((await gateway.status).code, 0);
    await lines.cancel();
    await Deno.remove(folder, { recursive: true });
  },
});
