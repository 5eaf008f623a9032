/**
 * Spawn: brings up a host for an actor. The only file that says `new Worker`. A worker may reach
 * the given hosts on the net and nothing else: no file, no environment, no process.
 * @module
 */
import type { ActorDefinition } from "./actor.ts";
import type { Host } from "./actor_ref.ts";
import { channelPort, type Port, threadPort } from "./port.ts";
import { serve, type ServeOptions } from "./serve.ts";

export interface WorkerOptions {
  readonly name: string;
  /** `host:port` pairs that the worker may connect to. */
  readonly net: readonly string[];
}

/** A Web Worker that runs the file at `url`. */
export function spawnWorker(url: URL, { name, net }: WorkerOptions): Host {
  const worker = new Worker(url, {
    type: "module",
    name,
    deno: {
      permissions: {
        net: [...net],
        read: false,
        write: false,
        env: false,
        run: false,
        ffi: false,
        sys: false,
      },
    },
  });
  return {
    port: threadPort(worker, () => worker.terminate()),
    onCrash: (report) => {
      // Unless it is prevented, an uncaught error in a worker ends the whole process.
      worker.onerror = (event) => {
        event.preventDefault();
        report();
      };
      worker.onmessageerror = () => report();
    },
    leave: () => worker.terminate(),
    kill: () => worker.terminate(),
  };
}

/**
 * The same actor on a channel in this thread. It breaks as a worker would where it can be seen: what
 * is thrown on a message is its crash; what is thrown later (a timer) is this thread's own.
 */
export function spawnInThread<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
  options?: ServeOptions,
): Host {
  const { port1, port2 } = new MessageChannel();
  const served = channelPort(port2);
  let report = () => {};
  const listen: Port["listen"] = (receive, unsendable) =>
    served.listen((message) => {
      try {
        receive(message);
      } catch {
        report();
      }
    }, unsendable);
  const abortAll = serve(definition, { ...served, listen }, options);
  function kill() {
    port1.close();
    port2.close();
    abortAll("killed");
  }
  return {
    port: channelPort(port1),
    onCrash: (told) => {
      report = told;
    },
    leave: kill,
    kill,
  };
}
