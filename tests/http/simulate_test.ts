import assert from "node:assert/strict";
import type { ProcessIo } from "../../src/cli/process_io.ts";
import { simulate } from "../../src/cli/simulate.ts";
import { readSimulationConfig } from "../../src/simulation/simulation_config.ts";

/** Runs the sub-command until `use` has done with its URL. */
async function run(args: string[], use: (url: string) => Promise<void> = async () => {}) {
  const said = { out: "", err: "" };
  const stop = Promise.withResolvers<void>();
  let using: Promise<void> = Promise.resolve();
  const io: ProcessIo = {
    out: (text) => {
      said.out += text;
      const url = /listening on (http:\/\/\S+)\n$/.exec(text)?.[1];
      if (url) using = use(url).finally(stop.resolve);
    },
    err: (text) => said.err += text,
    stopped: () => stop.promise,
  };
  const code = await simulate(args, io);
  await using;
  return { code, ...said };
}

async function withFile(text: string, use: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(file, text);
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("simulate() says where it listens in one line, serves, and stops with 0", async () => {
  let models: string[] = [];
  const { code, out, err } = await run(["--bind", "127.0.0.1:0"], async (url) => {
    const { data } = await (await fetch(`${url}/v1/models`)).json();
    models = data.map(({ id }: { id: string }) => id);
  });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^[^\n]*simulated[^\n]* listening on http:\/\/127\.0\.0\.1:\d+\n$/i);
  assert.ok(models.length > 4);
});

Deno.test("simulate() serves the models of its config, with the seed of the command line", async () => {
  await withFile('seed = 1\n[[models]]\nname = "fast"\nanswer_bytes = 10\n', async (file) => {
    const { code } = await run(
      ["--config", file, "--seed", "2", "--bind", "127.0.0.1:0"],
      async (url) => {
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          body: JSON.stringify({ model: "fast", messages: [{ role: "user", content: "x" }] }),
        });
        assert.equal((await response.json()).choices[0].message.content.length, 10);
      },
    );
    assert.equal(code, 0);
  });
});

Deno.test("simulate() answers --help with its usage and 0", async () => {
  const { code, out } = await run(["--help"]);
  assert.equal(code, 0);
  assert.match(out, /--bind[^]*--config[^]*--seed/);
});

Deno.test("simulate() shows a config in its usage that it would read", async () => {
  const { out } = await run(["--help"]);
  const example = /own TOML:\n\n([^]*?)\n\n/.exec(out)![1]!;
  const result = readSimulationConfig(example);
  assert.ok("options" in result, JSON.stringify(result));
  assert.equal(result.options.models?.[0]?.retryAfterS, 2);
});

for (
  const [what, args] of [
    ["an unknown option", ["--prot", "1"]],
    ["a bind without a port", ["--bind", "localhost"]],
    ["a port out of range", ["--bind", "localhost:70000"]],
    ["a seed that is no number", ["--seed", "many"]],
    ["a config that is not there", ["--config", "/nowhere/at/all.toml"]],
  ] as const
) {
  Deno.test(`simulate() refuses ${what} with 2`, async () => {
    const { code, out, err } = await run([...args]);
    assert.deepEqual([code, out], [2, ""]);
    assert.notEqual(err, "");
  });
}

Deno.test("simulate() names every fault of a config with its key, and gives 2", async () => {
  await withFile("sed = 1\nstrict_models = 3\n", async (file) => {
    const { code, err } = await run(["--config", file]);
    assert.equal(code, 2);
    assert.match(err, /"sed"/);
    assert.match(err, /strict_models/);
  });
});

Deno.test("simulate() fails with 1 where the port is taken", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, err } = await run(["--bind", `127.0.0.1:${taken.addr.port}`]);
  assert.equal(code, 1);
  assert.match(err, /Cannot listen on 127\.0\.0\.1:/);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`simulate() closes on ${signal} and exits with 0, also while a request hangs`, async () => {
    await withFile('[[models]]\nname = "m"\nfailures = { hang = 1 }\n', async (file) => {
      const main = new URL("../../src/main.ts", import.meta.url).pathname;
      const flags = ["--allow-net=127.0.0.1", "--allow-read"];
      await using child = new Deno.Command(Deno.execPath(), {
        args: ["run", ...flags, main, "simulate", "--bind", "127.0.0.1:0", "--config", file],
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await reader.read();
      const url = /listening on (\S+)\n$/.exec(value!)![1];
      const hung = fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }] }),
      }).then((response) => response.body?.cancel(), () => {});
      await fetch(`${url}/v1/models`).then((response) => response.text());
      child.kill(signal);
      assert.equal((await child.status).code, 0);
      assert.equal((await reader.read()).done, true);
      await hung;
    });
  });
}
