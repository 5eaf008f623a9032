/**
 * Worker scope: the far end of a Web Worker. An actor's file calls this once; it serves the actor
 * where the file was loaded as a worker, and does nothing where it was imported.
 * @module
 */
import type { ActorDefinition } from "./actor.ts";
import { scopePort, type WorkerScope } from "./port.ts";
import { serve } from "./serve.ts";

export function serveAsWorker<Start, Ask, Answer, Partial>(
  definition: ActorDefinition<Start, Ask, Answer, Partial>,
): void {
  if (!("DedicatedWorkerGlobalScope" in globalThis)) return;
  serve(definition, scopePort(globalThis as unknown as WorkerScope));
}
