/**
 * The demo as its task runs it, with the permissions that the task gives and not one more.
 * @module
 */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

function task(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await task(...args).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A running demo, whose words are read up to a pattern and then to their end. */
class Running implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #words: ReadableStreamDefaultReader<string>;
  said = "";

  constructor(...args: string[]) {
    this.#process = task(...args);
    this.#words = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.said);
      if (found) return found;
      assert.ok(await this.#more(), `The demo ended before it said ${pattern}:\n${this.said}`);
    }
  }

  async end(...signals: Deno.Signal[]): Promise<Ended> {
    for (const signal of signals) this.#process.kill(signal);
    while (await this.#more());
    const stderr = await new Response(this.#process.stderr).text();
    return { code: (await this.#process.status).code, stdout: this.said, stderr };
  }

  async #more(): Promise<boolean> {
    const { value = "", done } = await this.#words.read();
    this.said += value;
    return !done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

Deno.test("demo --once shows in plain text a fused answer and how it came about, and ends with 0", async () => {
  const { code, stdout, stderr } = await run("--once");
  assert.equal(stderr, "");
  assert.equal(code, 0);
  for (
    const piece of [
      /simulated/,
      /How far is it from Earth to the Moon\?/,
      /384,400 km/,
      /Share of each member: \w+ \d+%/,
      /quorum of 3, \d/,
      /grace over, \d/,
      /snail +-+x +cancelled/,
      /snail was cancelled as the grace ended; its upstream saw the socket close/,
      /judge +arbiter .*#/,
      /synthesis +writer .*#/,
      /3 of 4: [a-z, ]+\n.*238,900 km[^]*1 of 4: bluffer/,
      /objection +\w/,
      /reliability +\w+ +\d\.\d\d #/,
      /total( +[\d,]+){4} +\$0\.00\d+/,
      /Route: fuse\. Outcome: fused\./,
    ]
  ) assert.match(stdout, piece);
  // No terminal: plain text, no wider than 80 columns.
  assert.doesNotMatch(stdout, /(?!\n)\p{Cc}/u);
  assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("demo goes on serving where it says, until SIGTERM", async () => {
  await using demo = new Running("--bind", "127.0.0.1:0");
  const [, url] = await demo.until(/ listening on (http:\/\/127\.0\.0\.1:\d+)\n/);
  assert.match(demo.said, new RegExp(`curl ${url}/v1/chat/completions`));
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      model: "fusion/demo",
      messages: [{ role: "user", content: "Why is the sky blue?" }],
    }),
  });
  assert.equal(response.status, 200);
  assert.match((await response.json()).choices[0].message.content, /Rayleigh/);
  const { code, stdout, stderr } = await demo.end("SIGTERM");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /request finished .*outcome=fused/);
});

Deno.test("demo that is interrupted in the middle of its answer ends with 0", async () => {
  await using demo = new Running("--bind", "127.0.0.1:0");
  await demo.until(/ANSWER/);
  const { code, stdout, stderr } = await demo.end("SIGINT", "SIGINT");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.doesNotMatch(stdout, /TIMELINE/);
});

Deno.test("demo says which address is taken and ends with 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const bind = `127.0.0.1:${taken.addr.port}`;
  assert.deepEqual(await run("--bind", bind), {
    code: 1,
    stdout: "",
    stderr: `Cannot listen on ${bind}: the port is taken; ` +
      "name another with --bind, e.g. --bind 127.0.0.1:0\n",
  });
});

Deno.test("demo --help shows its options, bad usage ends with 2", async () => {
  const help = await run("--help");
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--bind HOST:PORT[^]*--once/);
  const refused = await run("--bind", "nowhere");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^--bind must be HOST:PORT, not "nowhere"\n/);
});
