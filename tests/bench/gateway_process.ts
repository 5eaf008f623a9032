/**
 * Gateway process: the gateway under measurement, started as its users start it: by the command line
 * of `deno task start`.
 * @module
 */
import manifest from "../../deno.json" with { type: "json" };
import { ChildProcess } from "./child_process.ts";
import { preciseNow } from "./precise_clock.ts";

export class GatewayProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    /** `http://host:port` */
    readonly url: string,
    /** From the start of the process to the line that says that it listens, in milliseconds. */
    readonly startMs: number,
  ) {
    this.#child = child;
  }

  static async start(configFile: string): Promise<GatewayProcess> {
    const [deno, ...args] = manifest.tasks.start.split(" ");
    if (deno !== "deno") throw new Error(`Cannot read the start task: it runs ${deno}`);
    const startedAt = preciseNow();
    const [child, url] = await ChildProcess.start(
      [...args, "--config", configFile],
      (line) => /listening on (http:\S+)/.exec(line)?.[1],
    );
    return new GatewayProcess(child, url, preciseNow() - startedAt);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose]() {
    await this.#child[Symbol.asyncDispose]();
  }
}
