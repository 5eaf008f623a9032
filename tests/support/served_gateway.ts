/**
 * Served gateway: the whole house on loopback, real workers included, in front of a simulated
 * upstream. What a test says of models, scripts and configuration is all that differs.
 * @module
 */
import { parseConfig } from "../../src/config/load.ts";
import { faultLine } from "../../src/config/faults.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { createLog } from "../../src/observe/log.ts";
import {
  type Simulation,
  type SimulationOptions,
  startSimulation,
} from "../../src/simulation/simulation.ts";

export interface ServedOptions extends SimulationOptions {
  /** TOML of `[server]`. */
  readonly server?: string;
  /** TOML of `[backend]`, without its URL. */
  readonly backend?: string;
  /** TOML of `[profiles.router]`, and so on. */
  readonly router?: string;
  readonly panel?: string;
  readonly aggregator?: string;
  readonly tools?: string;
  readonly stream?: string;
  /** TOML of whole tables, before the profile. */
  readonly more?: string;
  /** TOML of the profile itself. */
  readonly profile?: string;
  /** TOML of whole profiles beside it. */
  readonly profiles?: string;
  /** TOML of `[runtime]`; two workers unless it says how many. */
  readonly runtime?: string;
}

export type Json = Readonly<Record<string, unknown>>;

/** A whole answer. */
export interface Whole {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- a test reads what it expects, whatever is there
  readonly body: any;
}

/** A streamed answer, put together as a client does. */
export interface Streamed {
  readonly text: string;
  readonly reasoning: string;
  // deno-lint-ignore no-explicit-any -- as above
  readonly toolCalls: any[];
  readonly finishReasons: readonly string[];
  // deno-lint-ignore no-explicit-any -- as above
  readonly chunks: any[];
  // deno-lint-ignore no-explicit-any -- as above
  readonly error: any;
  /** Whether the stream ended with `[DONE]`. */
  readonly done: boolean;
}

export class ServedGateway implements AsyncDisposable {
  private constructor(
    readonly upstream: Simulation,
    readonly gateway: Gateway,
    readonly lines: readonly string[],
  ) {}

  /** Members a, b and c, a quorum of two; `judge`, `synth` and `solo` have the other parts. */
  static async start(options: ServedOptions = {}): Promise<ServedGateway> {
    const upstream = await startSimulation(options);
    const parsed = parseConfig(configText(upstream.url, options), { path: "config.toml", env: {} });
    if (parsed.type === "faults") throw new Error(parsed.faults.map(faultLine).join("\n"));
    const lines: string[] = [];
    const gateway = await startGateway({
      config: parsed.config,
      secrets: { upstreamKeys: new Map(), clientKeys: [] },
      log: createLog({ write: (line) => lines.push(line), now: Date.now }),
    });
    await gateway.system.ready();
    return new ServedGateway(upstream, gateway, lines);
  }

  get url(): string {
    return this.gateway.url;
  }

  /** Models asked so far, in order of arrival. */
  get asked(): string[] {
    return this.upstream.requests.map(({ model }) => model);
  }

  /** Bodies that a model was sent, in order. */
  // deno-lint-ignore no-explicit-any -- a test reads what it expects
  bodies(model: string): any[] {
    return this.upstream.requests.filter((each) => each.model === model).map(({ body }) => body);
  }

  post(body: Json, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      signal,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "fusion/test", messages: QUESTION, ...body }),
    });
  }

  async ask(body: Json = {}): Promise<Whole> {
    const response = await this.post(body);
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async stream(body: Json = {}): Promise<Streamed> {
    const response = await this.post({ ...body, stream: true });
    return assembled(await response.text());
  }

  async metrics(): Promise<string> {
    return await (await fetch(`${this.url}/metrics`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close();
    await this.upstream.close();
  }
}

export const QUESTION = [{ role: "user", content: "What is the capital of France?" }];

function configText(upstreamUrl: string, options: ServedOptions): string {
  return `
[server]
bind = "127.0.0.1:0"
${options.server ?? ""}
[runtime]
${options.runtime?.includes("workers") ? "" : "workers = 2"}
${options.runtime ?? ""}
[backend]
base_url = "${upstreamUrl}"
${options.backend ?? ""}
${options.more ?? ""}
[[profiles]]
name = "test"
${options.profile ?? ""}
[profiles.router]
single_model = "solo"
${options.router ?? ""}
[profiles.panel]
${options.panel?.includes("members") ? "" : 'members = ["a", "b", "c"]'}
${options.panel ?? ""}
[profiles.aggregator]
judge = "judge"
synthesizer = "synth"
${options.aggregator ?? ""}
[profiles.tools]
${options.tools ?? ""}
[profiles.stream]
${options.stream ?? ""}
${options.profiles ?? ""}
`;
}

function assembled(text: string): Streamed {
  const events = text.split("\n\n").flatMap((block) =>
    block.startsWith("data: ") ? [block.slice("data: ".length)] : []
  );
  const chunks = events.filter((event) => event !== "[DONE]").map((event) => JSON.parse(event));
  const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
  const first = choices.filter(({ index }) => index === 0);
  const joined = (key: string) => first.map(({ delta }) => delta?.[key] ?? "").join("");
  return {
    chunks,
    text: joined("content"),
    reasoning: joined("reasoning_content"),
    toolCalls: toolCallsOf(first),
    finishReasons: choices.flatMap(({ finish_reason: reason }) => reason ?? []),
    error: chunks.find((chunk) => "error" in chunk)?.error,
    done: events.at(-1) === "[DONE]",
  };
}

// deno-lint-ignore no-explicit-any -- chunks as they came
function toolCallsOf(choices: any[]): any[] {
  // deno-lint-ignore no-explicit-any -- as above
  const calls: any[] = [];
  for (const part of choices.flatMap(({ delta }) => delta?.tool_calls ?? [])) {
    const call = calls[part.index] ??= { function: { name: "", arguments: "" } };
    if (part.id) call.id = part.id;
    if (part.type) call.type = part.type;
    call.function.name += part.function?.name ?? "";
    call.function.arguments += part.function?.arguments ?? "";
  }
  return calls;
}
