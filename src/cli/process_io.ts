/**
 * Process I/O: what a command says, and the signals that end it. Passed to commands, so that tests
 * can listen and stop them.
 * @module
 */

export interface ProcessIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Resolves on the first SIGINT or SIGTERM; one that is sent later ends the process at once. */
  readonly stopped: () => Promise<void>;
}

const encoder = new TextEncoder();

export const processIo: ProcessIo = {
  out: (text) => write(Deno.stdout, text),
  err: (text) => write(Deno.stderr, text),
  stopped: () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let stoppedAt: number | undefined;
    const onSignal = () => {
      stoppedAt ??= performance.now();
      if (performance.now() - stoppedAt > SAME_SIGNAL_MS) Deno.exit(1);
      resolve();
    };
    for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
    return promise;
  },
};

/** One ctrl-c reaches a task twice: from the terminal, and passed on by `deno task`. */
const SAME_SIGNAL_MS = 500;

/** Windows has no SIGTERM to listen to. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string) {
  const bytes = encoder.encode(text);
  try {
    for (let sent = 0; sent < bytes.length;) sent += stream.writeSync(bytes.subarray(sent));
  } catch {
    // Whoever read our words is gone; that is no reason to stop serving.
  }
}
