/**
 * Breakable worker: the system's own worker, which does on a word what no worker should.
 * Loaded by `breakable_workers.ts` in its place.
 * @module
 */
import "../../src/worker.ts";

export type Break =
  | { readonly break: "throw" | "reject" | "close" | "exit" }
  /** Bounded: nothing ends a thread that spins. */
  | { readonly break: "spin"; readonly ms: number }
  | { readonly break: "set_clock"; readonly byMs: number };

interface Scope {
  onmessage: (event: MessageEvent) => void;
  close(): void;
}

const scope = globalThis as unknown as Scope;

function broken(told: Break): void {
  switch (told.break) {
    case "throw":
      throw new RangeError("Thrown where nobody catches");
    case "reject":
      return void Promise.reject(new TypeError("Rejected where nobody catches"));
    case "close":
      return scope.close();
    case "exit":
      return Deno.exit(7);
    case "spin":
      for (const until = performance.now() + told.ms; performance.now() < until;);
      return;
    case "set_clock": {
      const now = Date.now;
      Date.now = () => now() + told.byMs;
      return;
    }
    default:
      return told satisfies never;
  }
}

if ("DedicatedWorkerGlobalScope" in globalThis) {
  const { onmessage } = scope;
  scope.onmessage = (event) => {
    const isBreak = typeof event.data === "object" && "break" in event.data;
    if (isBreak) broken(event.data);
    else onmessage(event);
  };
}
