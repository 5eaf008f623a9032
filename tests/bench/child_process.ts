/**
 * Child process: a Deno process of the bench that says on standard output when it is ready. What it
 * says afterwards is read and dropped, so that it never waits for its reader.
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export class ChildProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #drained: Promise<void>;

  private constructor(child: Deno.ChildProcess, drained: Promise<void>) {
    this.#child = child;
    this.#drained = drained;
  }

  /** Resolves with the child and what `ready` made of the first line that it took. */
  static async start<T>(
    args: readonly string[],
    ready: (line: string) => T | undefined,
  ): Promise<[ChildProcess, T]> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const drained = readLines(child.stdout, (line) => {
      const found = ready(line);
      if (found !== undefined) resolve(found);
    }).then(() =>
      reject(new Error(`Cannot start ${args.join(" ")}: it ended before it was ready`))
    );
    return [new ChildProcess(child, drained), await promise];
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose]() {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#drained;
  }
}

async function readLines(from: ReadableStream<Uint8Array>, onLine: (line: string) => void) {
  let rest = "";
  for await (const text of from.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
}
