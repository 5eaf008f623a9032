/**
 * Start process: `tutti start` as a process of its own, on a free port, and what it says. A test waits
 * for its words, never for time to pass.
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

export class StartProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #read: Promise<void>;
  readonly #waiting: (() => void)[] = [];
  #text = "";
  #hasEnded = false;

  /** `survivesFileLimit`: a write past the limit of {@link limitFiles} fails, and does not end it. */
  constructor(config: string, { allow = [], survivesFileLimit = false }: {
    readonly allow?: readonly string[];
    readonly survivesFileLimit?: boolean;
  } = {}) {
    const args = [
      ...[Deno.execPath(), "run", "--no-prompt", "--allow-net", "--allow-env", "--allow-read"],
      ...[...allow, "src/main.ts", "start", "--config", config, "--bind", "127.0.0.1:0"],
    ];
    const [program = "", ...rest] = survivesFileLimit
      ? ["sh", "-c", `trap "" XFSZ; exec "$0" "$@"`, ...args]
      : args;
    this.#process = new Deno.Command(program, {
      args: rest,
      cwd: ROOT,
      env: { TUTTI_CONFIG: "" },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#read = this.#readLines();
  }

  /** Resolves when it listens. */
  async url(): Promise<string> {
    return (await this.said(/listening on (http:\S+)/))[1]!;
  }

  /** Resolves when its words so far match; rejects if it ends without. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match) return match;
      if (this.#hasEnded) throw new Error(`Cannot find ${pattern} in what it said: ${this.#text}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** How far files may be written from now on, as on a disk that is full. Linux alone knows that. */
  async limitFiles(bytes: number | "unlimited"): Promise<void> {
    const { success } = await new Deno.Command("prlimit", {
      args: ["--pid", String(this.#process.pid), `--fsize=${bytes}:unlimited`],
    }).output();
    if (!success) throw new Error("Cannot set the limit");
  }

  /** Ends it by a signal; gives its exit code. */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    if (!this.#hasEnded) this.signal(signal);
    const { code } = await this.#process.status;
    await this.#read;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #readLines() {
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#wake();
    }
    this.#hasEnded = true;
    this.#wake();
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
