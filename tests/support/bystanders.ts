/**
 * Bystanders: requests that have nothing to do with a fault, and must not notice it. Some are in
 * flight while it happens, whole and streamed, held at the panel or at the synthesis; the others
 * come right after it. Each must get the whole of its answer.
 * @module
 */
import assert from "node:assert/strict";
import type { Script } from "../../src/simulation/behaviour.ts";
import { type Json, ServedGateway, type ServedOptions } from "./served_gateway.ts";
import { until } from "./until.ts";

const HELD = [
  { user: "held_at_panel", stream: false },
  { user: "held_at_panel", stream: true },
  { user: "held_at_synthesis", stream: false },
  { user: "held_at_synthesis", stream: true },
] as const;

/** Long enough to be cut, and not of one byte a character. */
const ANSWER = Array.from({ length: 40 }, (_, at) => `Zürich → Genève, ${at}. 🚄`).join(" ");

export class Bystanders implements AsyncDisposable {
  #gate = Promise.withResolvers<void>();

  private constructor(readonly gateway: ServedGateway) {}

  /** A served gateway whose profile `test` the bystanders use; the fault is to be elsewhere. */
  static async start(options: ServedOptions = {}): Promise<Bystanders> {
    // Scripts are asked once a request has come, so there are bystanders by then.
    const script: Script = (request) => bystanders.#script(request) ?? options.script?.(request);
    const bystanders = new Bystanders(await ServedGateway.start({ ...options, script }));
    return bystanders;
  }

  /**
   * Runs `fault` while bystanders are in flight, and sees to it that none of them has been harmed.
   * `mayBeAskedAgain`: where their workers die, upstreams see calls that end early and are repeated.
   */
  async unharmedBy<T>(
    fault: () => Promise<T>,
    { mayBeAskedAgain = false }: { readonly mayBeAskedAgain?: boolean } = {},
  ): Promise<T> {
    this.#gate = Promise.withResolvers();
    const before = this.gateway.upstream.totals.requests;
    const held = HELD.map((each) => this.#answer(each));
    await this.#arrived(before);
    let result: T;
    try {
      result = await fault();
    } finally {
      this.#gate.resolve();
      await Promise.allSettled(held);
    }
    await Promise.all(held);
    await Promise.all([false, true].map((stream) => this.#answer({ user: "comes_after", stream })));
    if (!mayBeAskedAgain) this.#ensureCompleted(before);
    return result;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.gateway[Symbol.asyncDispose]();
  }

  #script({ model, body }: { readonly model: string; readonly body: Json }): ReturnType<Script> {
    const { user } = body;
    if (typeof user !== "string" || !/^(held_|comes_after)/.test(user)) return undefined;
    if (model === "judge") return undefined;
    const isHeld = user === (model === "synth" ? "held_at_synthesis" : "held_at_panel");
    return {
      ...(isHeld && { until: this.#gate.promise }),
      ...(model === "synth" && { answer: ANSWER }),
    };
  }

  /** All that can be asked before the gate opens has been asked. */
  async #arrived(before: number): Promise<void> {
    const since = () => this.gateway.upstream.requests.filter(({ number }) => number > before);
    const asked = (user: string, model: string) =>
      since().filter((each) => each.body.user === user && each.model === model).length >= 2;
    await until(
      () => asked("held_at_panel", "c") && asked("held_at_synthesis", "synth"),
      "the bystanders to be in flight",
    );
  }

  async #answer({ user, stream }: { readonly user: string; readonly stream: boolean }) {
    const what = `${stream ? "streamed" : "whole"} bystander, ${user}`;
    if (stream) {
      const { text, done, error, finishReasons } = await this.gateway.stream({ user });
      assert.deepEqual([error, done, finishReasons], [undefined, true, ["stop"]], what);
      return assert.equal(text, ANSWER, what);
    }
    const { status, headers, body } = await this.gateway.ask({ user });
    assert.equal(status, 200, `${what}: ${JSON.stringify(body)}`);
    assert.match(headers.get("x-fusion-outcome") ?? "", /^(fused|no_judge)$/, what);
    assert.equal(body.choices[0].message.content, ANSWER, what);
    assert.equal(body.choices[0].finish_reason, "stop", what);
  }

  /** What the upstream itself says of them. */
  #ensureCompleted(before: number) {
    for (const { number, body, model, endedAs } of this.gateway.upstream.requests) {
      if (number <= before || !/^(held_|comes_after)/.test(body.user)) continue;
      assert.equal(endedAs, "completed", `${body.user}: its call of ${model}`);
    }
  }
}
