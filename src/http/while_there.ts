/**
 * Waits for something as long as the client does: when it leaves first, the run is cancelled, and
 * what is waited for ends by that.
 * @module
 */
import type { Run } from "../fusion/outcome.ts";

export async function whileThere<T>(
  work: Promise<T>,
  { signal, run }: { readonly signal: AbortSignal; readonly run: Pick<Run, "cancel"> },
): Promise<T> {
  const leave = () => run.cancel("client_left");
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  try {
    return await work;
  } finally {
    // Deno's legacy signal also aborts when the answer has been sent: that is no leaving.
    signal.removeEventListener("abort", leave);
  }
}
