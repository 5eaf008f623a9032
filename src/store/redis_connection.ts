/**
 * Redis connection: the client, and how a script is run over it.
 *
 * The client is `@redis/client`, the one that Redis keeps up: no dependency, and no permission but
 * net. Its connection comes back by itself; until then every command fails at once.
 * @module
 */
import { createClient } from "@redis/client";
import { createHash } from "node:crypto";

const connectMs = 2_000;

export type Client = ReturnType<typeof newClient>;

/** A script and the digest that Redis knows it by. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

export function script(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

/** Connects, or gives up waiting after two seconds and goes on trying behind the scenes. */
export async function connect(url: string): Promise<Client> {
  const client = newClient(url);
  client.on("error", () => {}); // Whoever asks next is told.
  await within(connectMs, client.connect()).catch(() => {});
  return client;
}

/** Runs it by its digest, and by its text where Redis does not know it yet. */
export function runScript(
  client: Client,
  { text, sha1 }: Script,
  input: { readonly keys: string[]; readonly args: readonly (string | number | undefined)[] },
): Promise<unknown> {
  const { keys } = input;
  const given = { keys, arguments: input.args.map((arg) => arg === undefined ? "" : String(arg)) };
  return client.evalSha(sha1, given).catch((error: Error) => {
    if (!error.message.startsWith("NOSCRIPT")) throw error;
    return client.eval(text, given);
  });
}

/** The promise, or a rejection after `ms`. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DOMException("No answer", "TimeoutError")), ms);
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function newClient(url: string) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    // Both would ask for more permissions: the environment, the package's file.
    disableClientInfo: true,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1_000),
    },
  });
}
