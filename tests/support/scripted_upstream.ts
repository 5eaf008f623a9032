/**
 * Scripted upstream: an OpenAI-compatible server on loopback that does for each model what the test
 * wrote down, and records what it was asked and which of its callers left. A test waits for what it
 * has seen, never for time to pass.
 * @module
 */

export interface Seen {
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  /** Aborted when the caller closes its connection before the answer is complete. */
  readonly signal: AbortSignal;
  /** Whether the caller has closed its connection before the answer was complete. */
  readonly left: boolean;
  /** Notes that the caller has left. */
  leave(): void;
  /** The texts of the conversation that came, in order. */
  readonly turns: readonly { readonly role: string; readonly content: string }[];
}

/** What a model does with a call. */
export type Script = (seen: Seen, count: number) => Response | Promise<Response>;

export interface UsageSpec {
  readonly prompt?: number;
  readonly completion?: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

export class ScriptedUpstream implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #scripts: Map<string, Script>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #waiting = new Set<() => void>();

  /** `scripts` by model; `*` stands for every other. */
  constructor(scripts: Readonly<Record<string, Script>>) {
    this.#scripts = new Map(Object.entries(scripts));
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#handle(request),
    );
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1`;
  }

  /** What a model was asked, in order. */
  of(model: string): Seen[] {
    return this.seen.filter((each) => each.model === model);
  }

  /** The only call that a model got. */
  only(model: string): Seen {
    const found = this.of(model);
    if (found.length !== 1) throw new Error(`${model} was called ${found.length} times`);
    return found[0]!;
  }

  script(model: string, script: Script): void {
    this.#scripts.set(model, script);
  }

  /** Resolves when `holds` does; looked at whenever a call comes or a caller leaves. */
  async waitFor(holds: (upstream: this) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Resolves when a model has been called `count` times. */
  called(model: string, count = 1): Promise<void> {
    return this.waitFor(() => this.of(model).length >= count);
  }

  /** Resolves when the callers of a model have left, all that there were. */
  leftBy(model: string): Promise<void> {
    return this.waitFor(() =>
      this.of(model).length > 0 && this.of(model).every(({ left }) => left)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const body = await request.json() as Record<string, unknown>;
    const model = String(body.model);
    const wake = () => this.#wake();
    const seen = {
      model,
      body,
      headers: request.headers,
      signal: request.signal,
      left: false,
      leave() {
        this.left = true;
        wake();
      },
      turns: body.messages as Seen["turns"],
    };
    this.seen.push(seen);
    const count = this.of(model).length;
    request.signal.addEventListener("abort", () => seen.leave());
    wake();
    const script = this.#scripts.get(model) ?? this.#scripts.get("*");
    if (!script) return refuses(404)(seen, count);
    return await Promise.race([script(seen, count), gone(request.signal)]);
  }

  #wake() {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A whole answer. */
export function says(
  content: string | null | ((seen: Seen) => string),
  { usage, finish = "stop", message = {} }: {
    usage?: UsageSpec;
    finish?: string;
    message?: Readonly<Record<string, unknown>>;
  } = {},
): Script {
  return (seen) => {
    const text = typeof content === "function" ? content(seen) : content;
    if (seen.body.stream === true) return streams([text ?? ""], { usage, finish })(seen, 0);
    return Response.json({
      id: "x",
      object: "chat.completion",
      choices: [{
        index: 0,
        message: { role: "assistant", content: text, ...message },
        finish_reason: finish,
      }],
      ...(usage ? { usage: usageBody(usage) } : {}),
    });
  };
}

/** A streamed answer: a chunk with the role, then one for each piece, each written when it is pulled. */
export function streams(
  pieces: Iterable<string>,
  { usage, finish = "stop", step, cut = false, onPulled }: {
    usage?: UsageSpec;
    finish?: string;
    /** Awaited before each chunk; that of the role is 0, the first piece 1. */
    step?: (at: number) => Promise<void> | void;
    /** Ends the stream after the pieces, without a word. */
    cut?: boolean;
    /** Told of each chunk that is on its way. */
    onPulled?: (at: number) => void;
  } = {},
): Script {
  return (seen) => {
    const lines = function* () {
      yield chunk({ role: "assistant", content: "" });
      for (const piece of pieces) yield chunk({ content: piece });
      if (cut) return;
      yield chunk({}, finish);
      if (usage) yield event({ choices: [], usage: usageBody(usage) });
      yield "data: [DONE]\n\n";
    }();
    const encoder = new TextEncoder();
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await step?.(at);
        const { done, value } = lines.next();
        if (done) return controller.close();
        onPulled?.(at);
        at++;
        controller.enqueue(encoder.encode(value));
      },
      // A server that waits for its reader learns of the reader's leaving only here.
      cancel: () => seen.leave(),
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}

export function refuses(
  status: number,
  { error = { message: "secret upstream words" }, headers = {} }: {
    error?: Readonly<Record<string, unknown>>;
    headers?: Record<string, string>;
  } = {},
): Script {
  return () => Response.json({ error }, { status, headers });
}

/** Answers with headers, and never with anything more. */
export function hangs(): Script {
  return () =>
    new Response(new ReadableStream(), { headers: { "content-type": "application/json" } });
}

/**
 * Does not even answer with headers. Deno's server then sees a caller leave only if the whole request
 * came in its first 512 bytes (Deno 2.9), so this is for short conversations.
 */
export function isSilent(): Script {
  return ({ signal }) => gone(signal);
}

/** Does what `script` says once `gate` opens. */
export function after(gate: Promise<unknown>, script: Script): Script {
  return async (seen, count) => {
    await gate;
    return await script(seen, count);
  };
}

/** The first script for the first call, the second for the second; the last for all further ones. */
export function inTurn(...scripts: [Script, ...Script[]]): Script {
  return (seen, count) => scripts[Math.min(count, scripts.length) - 1]!(seen, count);
}

function gone(signal: AbortSignal): Promise<Response> {
  return new Promise((resolve) => {
    const leave = () => resolve(new Response(null, { status: 499 }));
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
}

function usageBody({ prompt = 0, completion = 0, cached = 0, reasoning = 0 }: UsageSpec) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function chunk(delta: object, finish: string | null = null): string {
  return event({ choices: [{ index: 0, delta, finish_reason: finish }] });
}

function event(body: object): string {
  return `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", ...body })}\n\n`;
}
