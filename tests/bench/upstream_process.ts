/**
 * Upstream process: the simulated upstream, in a process of its own, as the bench steers and reads
 * it.
 * @module
 */
import { ChildProcess } from "./child_process.ts";
import { clockOffset } from "./precise_clock.ts";
import type { Scenario, ServedCall } from "./scenario.ts";

const MAIN = "tests/bench/upstream_main.ts";

export class UpstreamProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #controlUrl: string;

  private constructor(child: ChildProcess, readonly url: string, controlUrl: string) {
    this.#child = child;
    this.#controlUrl = controlUrl;
  }

  /** `port` 0 is any free one. */
  static async start(port: number): Promise<UpstreamProcess> {
    const [child, { url, controlUrl }] = await ChildProcess.start(
      ["run", "--allow-net", MAIN, String(port)],
      (line): { url: string; controlUrl: string } => JSON.parse(line),
    );
    return new UpstreamProcess(child, url, controlUrl);
  }

  /** From now on the models do this; calls served before are forgotten. */
  async play(scenario: Scenario): Promise<void> {
    const body = JSON.stringify(scenario);
    await (await fetch(`${this.#controlUrl}/scenario`, { method: "PUT", body })).body?.cancel();
  }

  /** The calls served since the last time, by the request that they were made for. */
  async calls(): Promise<ReadonlyMap<number, readonly ServedCall[]>> {
    return Map.groupBy(await this.#get<ServedCall[]>("/calls"), ({ request }) => request);
  }

  /** Calls that have not ended. */
  openCalls(): Promise<number> {
    return this.#get("/open");
  }

  /** How far its clock is ahead of ours, in milliseconds. */
  clockOffset(): Promise<number> {
    return clockOffset(() => this.#get("/now"));
  }

  async #get<T>(path: string): Promise<T> {
    return await (await fetch(this.#controlUrl + path)).json();
  }

  async [Symbol.asyncDispose]() {
    await this.#child[Symbol.asyncDispose]();
  }
}
