/**
 * Config watch: says when the configuration should be read again: on SIGHUP, and when its file has
 * other content than before. The folder is watched, not the file: editors and Kubernetes put a new
 * file in the place of the old one.
 * @module
 */
import { dirname } from "node:path";

/** Several writes in a row are one change. */
const SETTLE_MS = 200;

/** Calls `onChange` once at a time until it is disposed. */
export function watchConfig(path: string, onChange: () => Promise<void>): Disposable {
  let text = read(path);
  let last = Promise.resolve();
  const change = () => {
    last = last.then(onChange).catch(() => {});
  };
  let settling: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const now = read(path);
    if (now === undefined || now === text) return;
    text = now;
    change();
  };
  const watcher = Deno.watchFs(dirname(path), { recursive: false });
  void (async () => {
    for await (const _event of watcher) {
      clearTimeout(settling);
      settling = setTimeout(look, SETTLE_MS);
    }
  })();
  const hangUp = () => {
    text = read(path);
    change();
  };
  const hasHangUp = Deno.build.os !== "windows";
  if (hasHangUp) Deno.addSignalListener("SIGHUP", hangUp);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(settling);
      watcher.close();
      if (hasHangUp) Deno.removeSignalListener("SIGHUP", hangUp);
    },
  };
}

/** Undefined while there is no such file. */
function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
