/**
 * Redis server: a real one, for the tests, on a free port, that can be stopped, frozen and started
 * again on the same port. It keeps nothing on disk.
 * @module
 */

/** Why the tests with a real server cannot run here, or undefined. */
export const noRedis: string | undefined = (() => {
  try {
    new Deno.Command("redis-server", { args: ["--version"] }).outputSync();
    return undefined;
  } catch {
    return "skipped: there is no redis-server here";
  }
})();

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  #process: Deno.ChildProcess | undefined;
  #output: Promise<void> | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const server = new RedisServer(listener.addr.port);
    listener.close();
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves when it accepts connections. */
  async start(): Promise<void> {
    const process = new Deno.Command("redis-server", {
      args: [
        "--port",
        String(this.port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#process = process;
    const ready = Promise.withResolvers<void>();
    this.#output = (async () => {
      let log = "";
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
        log += text;
        if (log.includes("Ready to accept connections")) ready.resolve();
      }
      ready.reject(new Error(`Cannot start redis-server: ${log}`));
    })();
    await ready.promise;
  }

  async stop(): Promise<void> {
    if (this.#process === undefined) return;
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#output;
    this.#process = undefined;
  }

  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
