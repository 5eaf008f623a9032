/**
 * Child process: starts child.ts and reads what it prints, line by line.
 * @module
 */
import { sqlitePathOf } from "../../src/store/open_store.ts";

const script = new URL("./child.ts", import.meta.url).pathname;

export interface ChildOptions {
  /** A shell line that ends by running "$@". */
  readonly shell?: string;
}

export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  constructor(
    args: readonly [url: string, processId: string, task: string],
    options: ChildOptions = {},
  ) {
    const line = [
      ...[Deno.execPath(), "run", "--quiet", "--no-prompt"],
      ...permissionsFor(args[0]),
      ...[script, ...args],
    ];
    const [program, ...rest] = options.shell === undefined
      ? line
      : ["sh", "-c", options.shell, "sh", ...line];
    this.#process = new Deno.Command(program!, {
      args: rest,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#stdin = this.#process.stdin.getWriter();
    this.#lines = this.#process.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(lineStream())
      .getReader();
  }

  /** The next line, or undefined at the end. */
  async line(): Promise<string | undefined> {
    return (await this.#lines.read()).value;
  }

  /** Every line up to one that begins so, that one included. */
  async linesUpTo(beginning: string): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) {
      lines.push(line);
      if (line.startsWith(beginning)) return lines;
    }
    throw new Error(`Cannot find ${beginning} in ${lines.length} lines: ${lines.slice(-3)}`);
  }

  async restOfLines(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) {
      lines.push(line);
    }
    return lines;
  }

  async go(): Promise<void> {
    await this.#stdin.write(new Uint8Array([10]));
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.restOfLines();
    await this.#process.status;
  }
}

/** What open_store.ts says that a store needs, and nothing else. */
function permissionsFor(url: string): string[] {
  const path = sqlitePathOf(url);
  return path === undefined
    ? [`--allow-net=${new URL(url).host}`]
    : [`--allow-read=${path}`, `--allow-write=${path}`];
}

function lineStream(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) controller.enqueue(line);
    },
  });
}
