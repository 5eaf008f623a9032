/**
 * Echo actor: an actor for tests that does as it is told, also what no actor should: throw where
 * nobody catches, end its thread, spin, talk out of turn, fall silent.
 * @module
 */
import * as z from "zod";
import { FailureError } from "../../src/protocol/failure.ts";
import { type AskContext, defineActor } from "../../src/runtime/actor.ts";
import { serveAsWorker } from "../../src/runtime/worker_scope.ts";

export const echoProtocol = {
  role: "echo",
  start: z.strictObject({
    greeting: z.string(),
    /** Fails before it is ready. */
    throws: z.boolean().optional(),
  }),
  ask: z.discriminatedUnion("do", [
    z.strictObject({ do: z.literal("echo"), value: z.unknown() }),
    z.strictObject({ do: z.literal("greet") }),
    /** Answers what it was told to do so far, this included. */
    z.strictObject({ do: z.literal("list_begun") }),
    /** Waits for its cancel, and answers what its signal said. */
    z.strictObject({ do: z.literal("wait") }),
    /** Waits for its cancel, and fails as a call to an upstream would. */
    z.strictObject({ do: z.literal("wait_and_fail") }),
    z.strictObject({ do: z.literal("throw"), message: z.string() }),
    z.strictObject({ do: z.literal("fail") }),
    z.strictObject({ do: z.literal("fail_with_uncloneable") }),
    z.strictObject({ do: z.literal("answer_uncloneable") }),
    z.strictObject({ do: z.literal("answer_out_of_protocol") }),
    /** Answers what comes over the ask's port, and says it back there. */
    z.strictObject({ do: z.literal("use_port") }),
    z.strictObject({ do: z.literal("now") }),
    // What only a worker of its own survives.
    z.strictObject({ do: z.literal("throw_later") }),
    z.strictObject({ do: z.literal("reject_later") }),
    z.strictObject({ do: z.literal("close") }),
    z.strictObject({ do: z.literal("exit") }),
    z.strictObject({ do: z.literal("fall_silent") }),
    z.strictObject({ do: z.literal("spin"), ms: z.number().max(5_000) }),
    z.strictObject({ do: z.literal("post"), message: z.unknown() }),
    z.strictObject({ do: z.literal("attempt"), what: z.string(), target: z.string() }),
  ]),
  answer: z.strictObject({ value: z.unknown() }),
  partial: z.strictObject({ spent: z.number() }),
} as const;

export type EchoAsk = z.infer<typeof echoProtocol.ask>;
export type EchoStart = z.infer<typeof echoProtocol.start>;
export type EchoAnswer = z.infer<typeof echoProtocol.answer>;
export type EchoPartial = z.infer<typeof echoProtocol.partial>;

/** Small, so that tests can fill them. */
export const ECHO_LIMITS = { concurrency: 2, mailboxLimit: 3 };

interface Scope {
  postMessage(message: unknown): void;
  onmessage: unknown;
  close(): void;
}

const scope = globalThis as unknown as Scope;

export const echoActor = defineActor({
  protocol: echoProtocol,
  open: ({ greeting, throws }) => {
    if (throws) throw new Error("Cannot open");
    const begun: string[] = [];
    return async (ask, context) => {
      begun.push(ask.do);
      if (ask.do === "greet") return { value: greeting };
      if (ask.do === "list_begun") return { value: [...begun] };
      if (ask.do === "answer_out_of_protocol") return { nonsense: true } as never;
      return { value: await perform(ask, context) };
    };
  },
});

type Performed = Exclude<
  EchoAsk,
  { do: "greet" | "list_begun" | "answer_out_of_protocol" }
>;

async function perform(ask: Performed, context: AskContext): Promise<unknown> {
  const never = new Promise<never>(() => {});
  switch (ask.do) {
    case "echo":
      return ask.value;
    case "wait":
      await aborted(context.signal);
      return context.signal.reason;
    case "wait_and_fail":
      await aborted(context.signal);
      throw new Error("Aborted");
    case "throw":
      throw new RangeError(ask.message);
    case "fail":
      throw new FailureError(FAILURE, { spent: 7 });
    case "fail_with_uncloneable":
      throw new FailureError(FAILURE, { spent: () => 7 });
    case "answer_uncloneable":
      return () => {};
    case "use_port":
      return await new Promise((answer) => {
        context.port!.onmessage = ({ data }) => {
          context.port!.postMessage({ back: data });
          answer(data);
        };
      });
    case "now":
      return context.clock.now();
    case "throw_later":
      setTimeout(() => {
        throw new RangeError("Thrown where nobody catches");
      });
      return await never;
    case "reject_later":
      void Promise.reject(new TypeError("Rejected where nobody catches"));
      return await never;
    case "close":
      scope.close();
      return await never;
    case "exit":
      Deno.exit(7);
      return await never;
    case "fall_silent":
      scope.onmessage = null;
      return await never;
    case "spin": {
      for (const until = performance.now() + ask.ms; performance.now() < until;);
      return "spun";
    }
    case "post":
      scope.postMessage(ask.message);
      return await never;
    case "attempt":
      return await attempt(ask.what, ask.target);
    default:
      return ask satisfies never;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const FAILURE = {
  code: "http_429",
  source: "upstream",
  retryable: true,
  message: "Upstream answered 429",
  status: 429,
  retryAfterMs: 2_000,
} as const;

const ATTEMPTS: Record<string, (target: string) => unknown> = {
  read: (path) => Deno.readTextFileSync(path),
  read_by_node: async (path) => (await import("node:fs")).readFileSync(path),
  write: (path) => Deno.writeTextFileSync(path, "x"),
  env: (name) => Deno.env.get(name),
  env_by_node: async (name) => (await import("node:process")).default.env[name] ?? refused(),
  run: (program) => new Deno.Command(program).outputSync(),
  run_by_node: async (program) => (await import("node:child_process")).execFileSync(program),
  sys: () => Deno.hostname(),
  ffi: (path) => Deno.dlopen(path, {}),
  listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  connect: async (host) => {
    const [hostname = "", port] = host.split(":");
    (await Deno.connect({ hostname, port: Number(port) })).close();
  },
  fetch: async (url) => await (await fetch(url)).text(),
  import: (url) => import(url),
};

/** "done", or the name of the error that stood in the way. */
async function attempt(what: string, target: string): Promise<string> {
  try {
    await ATTEMPTS[what]!(target);
    return "done";
  } catch (error) {
    return error instanceof Error ? error.name : "refused";
  }
}

function refused(): never {
  throw new Deno.errors.NotCapable();
}

serveAsWorker(echoActor, ECHO_LIMITS);
