/**
 * Worker scope: the far end of a Web Worker. An actor's file calls this once; it serves the actor
 * where the file was loaded as a worker, and does nothing where it was imported. What nobody in the
 * worker catches is its end: told by class and place, because Deno would print the message, which
 * may quote a prompt.
 * @module
 */
import type { FromActor } from "../protocol/lifecycle.ts";
import type { ActorDefinition } from "./actor.ts";
import { type ThreadEnd, threadPort } from "./port.ts";
import { serve, type ServeOptions } from "./serve.ts";

export function serveAsWorker<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
  options?: ServeOptions,
): void {
  if (!("DedicatedWorkerGlobalScope" in globalThis)) return;
  const port = threadPort(globalThis as unknown as ThreadEnd, () => self.close());
  function crash(event: Event, error: unknown) {
    event.preventDefault();
    port.post({ type: "crashed", error: classAndPlace(error) } satisfies FromActor);
    port.close();
  }
  addEventListener("error", (event) => crash(event, event.error));
  addEventListener("unhandledrejection", (event) => crash(event, event.reason));
  serve(definition, port, options);
}

/** "RangeError at client.ts:40:11" */
function classAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { message, stack = "" } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const place = /\/([\w.-]+:\d+:\d+)\)?$/m.exec(frames)?.[1];
  return place ? `${error.constructor.name} at ${place}` : error.constructor.name;
}
