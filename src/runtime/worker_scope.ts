/**
 * Worker scope: the far end of a Web Worker, for one actor or for one of each of several roles. What
 * nobody in the worker catches is its end: told by class and place, because Deno would print the
 * message, which may quote a prompt.
 * @module
 */
import type { FromActor } from "../protocol/lifecycle.ts";
import type { ActorDefinition } from "./actor.ts";
import { type Port, type ThreadEnd, threadPort } from "./port.ts";
import { rolePorts } from "./role_ports.ts";
import { serve, type ServeOptions } from "./serve.ts";

/**
 * Serves the actor of a worker that has no other. An actor's file calls this once; it does nothing
 * where the file was not loaded as a worker.
 */
export function serveAsWorker<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
  options?: ServeOptions,
): void {
  if (!("DedicatedWorkerGlobalScope" in globalThis)) return;
  const port = scopePort();
  lastWordsOn(() => [port]);
  serve(definition, port, options);
}

/** The ports of a worker that actors of several roles share, by role. */
export function scopePorts(): (role: string) => Port {
  const portOf = rolePorts(scopePort());
  const given: Port[] = [];
  lastWordsOn(() => given);
  return (role) => {
    const port = portOf(role);
    given.push(port);
    return port;
  };
}

function scopePort(): Port {
  return threadPort(globalThis as unknown as ThreadEnd, () => self.close());
}

/** Tells the death of the worker on its ports. */
function lastWordsOn(ports: () => readonly Port[]): void {
  function crash(event: Event, error: unknown) {
    // Before anybody listens, Deno's own report is all that there is.
    if (ports().length > 0) event.preventDefault();
    for (const port of ports()) {
      port.post({ type: "crashed", error: classAndPlace(error) } satisfies FromActor);
      port.close();
    }
  }
  addEventListener("error", (event) => crash(event, event.error));
  addEventListener("unhandledrejection", (event) => crash(event, event.reason));
}

/** "RangeError at client.ts:40:11" */
function classAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { message, stack = "" } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const place = /\/([\w.-]+:\d+:\d+)\)?$/m.exec(frames)?.[1];
  return place ? `${error.constructor.name} at ${place}` : error.constructor.name;
}
