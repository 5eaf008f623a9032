import assert from "node:assert/strict";

const MODULE = new URL("../../../src/cli/validate.ts", import.meta.url);
const START = `import { validate } from ${JSON.stringify(MODULE.href)};
Deno.exit(await validate(Deno.args));`;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a process of its own, with the permissions it is documented to need. */
async function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, START);
    const config = ["--config", "deno.json", "--allow-read", "--allow-env", "--no-prompt"];
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...config, file, ...args],
      env: { NO_COLOR: "1", ...env },
    });
    const { code, stdout, stderr } = await command.output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("validate() accepts a good config and sums it up", async () => {
  assert.deepEqual(await run(["--config", "config.example.toml"]), {
    code: 0,
    stdout: "config.example.toml: ok, 1 profile, 1 backend\n",
    stderr: "",
  });
});

Deno.test("validate() only warns of an upstream key that is not set here", async () => {
  const file = "tests/support/reference_configs/gateway_classifier.toml";
  assert.deepEqual(await run([], { TUTTI_CONFIG: file }), {
    code: 0,
    stdout: `${file}: ok, 2 profiles, 1 backend\n`,
    stderr: 'warning: api_key_env of backend "default": The variable GATEWAY_KEY is not set: ' +
      "requests go without a key\n",
  });
});

Deno.test("validate() prints one line per fault and exits with 2", async () => {
  const { code, stdout, stderr } = await run(["--config=config.example.toml"], {
    TUTTI_SERVER__PROT: "80",
    TUTTI_PROFILES__0__PANEL__MIN_QUORUM: "4",
  });
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.deepEqual(stderr.trimEnd().split("\n").map((line) => line.split(":")[0]), [
    "profiles[0].panel.min_quorum",
    "server.prot",
  ]);
});

Deno.test("validate() exits with 2 where the gateway would stand open for want of client keys", async () => {
  const env = { TUTTI_SERVER__AUTH__KEYS_ENV: "NO_SUCH_KEYS" };
  const { code, stdout, stderr } = await run(["--config", "config.example.toml"], env);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    "server.auth.keys_env: The variable NO_SUCH_KEYS is not set or holds no key\n",
  );
});

Deno.test("validate() explains itself, and refuses a flag it does not know", async () => {
  const help = await run(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: tutti validate/);
  const wrong = await run(["--confg", "x"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--confg[^]*Usage: tutti validate/);
});
