/**
 * Everything that an upstream may do wrong on the wire, done to a panel and to a synthesizer of the
 * whole gateway while others are served: what the client gets, what is counted, what of the sockets
 * is left at the far end.
 */
import assert from "node:assert/strict";
import { Bystanders } from "../support/bystanders.ts";
import { type FaultyModel, FaultyUpstreams } from "../support/faulty_upstreams.ts";
import { until } from "../support/until.ts";
import { ENDLESS_MB, FIRST_WORDS } from "../support/upstream_faults.ts";

const TRACE = { fusion: { trace: true } };

/** The limit of an answer, 32 MiB, and what the sockets' buffers hold. */
const MOST_READ = 48 * 2 ** 20;

/** A profile for each fault and each place that it may have in a run. */
function profiles(faults: readonly FaultyModel[]): string {
  return faults.map((fault, at) => {
    const timeoutMs = FaultyUpstreams.timeoutMs(fault);
    return profile(`member${at}`, { member: fault.model, timeoutMs }) +
      profile(`judge${at}`, { judge: fault.model }) +
      profile(`synth${at}`, { synthesizer: fault.model }) +
      (fault.afterWords ? profile(`late${at}`, { synthesizer: fault.afterWords }) : "");
  }).join("");
}

function profile(
  name: string,
  { member = "a", judge = "judge", synthesizer = "synth", timeoutMs = 20_000 }: {
    readonly member?: string;
    readonly judge?: string;
    readonly synthesizer?: string;
    readonly timeoutMs?: number;
  },
): string {
  return `
[[profiles]]
name = "${name}"
[profiles.panel]
members = ["${member}", "b", "c"]
timeout_ms = ${timeoutMs}
grace_ms = 20000
[profiles.aggregator]
judge = "${judge}"
synthesizer = "${synthesizer}"
`;
}

class Ground implements AsyncDisposable {
  private constructor(readonly upstreams: FaultyUpstreams, readonly bystanders: Bystanders) {}

  static async make(): Promise<Ground> {
    const upstreams = new FaultyUpstreams();
    const bystanders = await Bystanders.start({
      server: "passthrough = true",
      // What is asked again is another test's: here every fault is met once.
      more: `[retry]\nmax_attempts = 1\n${upstreams.backends}`,
      profiles: profiles(upstreams.faults),
    });
    return new Ground(upstreams, bystanders);
  }

  get gateway() {
    return this.bystanders.gateway;
  }

  /** What the far end says: called once, read no further than the limit, and closed. */
  async closed({ what, mayStayOpen }: FaultyModel, model: string): Promise<void> {
    const calls = () => this.upstreams.callsOf(model);
    const mayStay = mayStayOpen === "always" ||
      mayStayOpen === "before_words" && !model.endsWith("-late");
    if (!mayStay) await until(() => !calls().some(({ isOpen }) => isOpen), `${what}: its socket`);
    if (/^(raw|slow)::/.test(model)) assert.equal(calls().length, 1);
    for (const { bytesTaken } of calls()) assert.ok(bytesTaken < MOST_READ, `${bytesTaken} bytes`);
  }

  /** The fault is counted for its model, under its own name; a call that was cut off, once it ends. */
  async counted({ model, code }: FaultyModel): Promise<void> {
    const line = `tutti_upstream_failures_total{model="${model}",code="${code}"} 1`;
    for (let reads = 0; !(await this.gateway.metrics()).includes(line); reads++) {
      assert.ok(reads < 500, `${line} is not counted`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bystanders[Symbol.asyncDispose]();
    await this.upstreams[Symbol.asyncDispose]();
  }
}

/** Runs `check` for each fault, as a step of its own. */
function eachFault(
  name: (what: string) => string,
  check: (ground: Ground, fault: FaultyModel, at: number) => Promise<void>,
  where: (fault: FaultyModel) => boolean = () => true,
): void {
  Deno.test(name("does anything wrong"), async (t) => {
    await using ground = await Ground.make();
    for (const [at, fault] of ground.upstreams.faults.entries()) {
      if (!where(fault)) continue;
      await t.step(name(fault.what), async () => {
        using memory = watchMemory();
        await ground.bystanders.unharmedBy(() => check(ground, fault, at));
        // What reaches the client is held in this process too, more than once.
        assert.ok(memory.grownMb < ENDLESS_MB, `${memory.grownMb} MB`);
      });
    }
    assert.equal(ground.upstreams.witness.accepted, 0);
    assert.equal(
      ground.gateway.gateway.system.pools.reduce((sum, each) => sum + each.openAsks, 0),
      0,
    );
  });
}

eachFault(
  (what) => `a panel's answer is fused though a member ${what}`,
  async (ground, fault, at) => {
    const { status, headers, body } = await ground.gateway.ask({
      model: `fusion/member${at}`,
      ...TRACE,
    });
    assert.equal(status, 200);
    assert.equal(headers.get("x-fusion-outcome"), "fused");
    assert.equal(body.choices[0].finish_reason, "stop");
    const member = body.fusion.panel.find(({ model }: { model: string }) => model === fault.model);
    assert.equal(member.status, fault.code);
    const others = body.fusion.panel.filter(({ model }: { model: string }) =>
      model !== fault.model
    );
    assert.deepEqual(others.map(({ status }: { status: string }) => status), [
      "answered",
      "answered",
    ]);
    await ground.closed(fault, fault.model);
    const metrics = await ground.gateway.metrics();
    const counted = `{profile="member${at}",model="${fault.model}",status="${fault.code}"} 1`;
    assert.ok(metrics.includes(`tutti_panel_members_total${counted}`), counted);
  },
);

eachFault(
  (what) => `an answer is written without an analysis where the judge ${what}`,
  async (ground, fault, at) => {
    const { status, headers, body } = await ground.gateway.ask({ model: `fusion/judge${at}` });
    assert.deepEqual([status, headers.get("x-fusion-outcome")], [200, "no_judge"]);
    assert.equal(body.choices[0].finish_reason, "stop");
    await ground.counted(fault);
    await ground.closed(fault, fault.model);
  },
  ({ code }) => code !== "answered",
);

eachFault(
  (what) => `the best answer is given, whole, where the synthesizer ${what}`,
  async (ground, fault, at) => {
    const { status, headers, body } = await ground.gateway.ask({ model: `fusion/synth${at}` });
    assert.equal(status, 200);
    const isAnswered = fault.code === "answered";
    assert.equal(headers.get("x-fusion-outcome"), isAnswered ? "fused" : "best_answer");
    assert.equal(body.choices[0].finish_reason, "stop");
    assert.ok(body.choices[0].message.content.length > 0);
    if (!isAnswered) await ground.counted(fault);
    await ground.closed(fault, fault.model);
  },
);

eachFault(
  (what) => `the best answer is streamed where the synthesizer, before its first word, ${what}`,
  async (ground, fault, at) => {
    const streamed = await ground.gateway.stream({ model: `fusion/synth${at}`, ...TRACE });
    assert.deepEqual([streamed.error, streamed.done], [undefined, true]);
    assert.deepEqual(streamed.finishReasons, ["stop"]);
    assert.equal(streamed.chunks.at(-1).fusion.outcome, "best_answer");
    assert.ok(streamed.text.length > 0);
    await ground.closed(fault, fault.model);
  },
  ({ code }) => code !== "answered",
);

eachFault(
  (what) =>
    `a stream ends in an error, never finished, where the synthesizer, after its first words, ${what}`,
  async (ground, fault, at) => {
    const streamed = await ground.gateway.stream({ model: `fusion/late${at}` });
    assert.ok(streamed.text.startsWith(FIRST_WORDS), streamed.text);
    assert.deepEqual([streamed.done, streamed.finishReasons], [false, []]);
    assert.equal(streamed.error.code, "upstream_error");
    await ground.closed(fault, fault.afterWords!);
  },
  ({ afterWords, code }) => afterWords !== undefined && code !== "answered",
);

eachFault(
  (what) => `a passed stream ends in an error where its model, after its first words, ${what}`,
  async (ground, fault) => {
    const model = fault.afterWords!;
    const streamed = await ground.gateway.stream({ model });
    assert.ok(streamed.text.startsWith(FIRST_WORDS), streamed.text);
    assert.deepEqual([streamed.done, streamed.finishReasons], [false, []]);
    assert.equal(
      streamed.error.code,
      fault.code === "timeout" ? "deadline_exceeded" : "upstream_error",
    );
    await ground.closed(fault, model);
  },
  ({ afterWords, code }) => afterWords !== undefined && code !== "answered",
);

Deno.test("what is no UTF-8 in an answer is replaced, and the answer is finished", async () => {
  await using ground = await Ground.make();
  const { faults } = ground.upstreams;
  const at = faults.findIndex(({ code }) => code === "answered");
  await ground.bystanders.unharmedBy(async () => {
    const { body } = await ground.gateway.ask({ model: `fusion/synth${at}` });
    assert.match(body.choices[0].message.content, /^Paris \ufffd/);
    const { text, done, error } = await ground.gateway.stream({ model: `fusion/late${at}` });
    assert.deepEqual([done, error], [true, undefined]);
    assert.match(text, new RegExp(`^${FIRST_WORDS} in \ufffd`));
  });
});

/** The most by which this process has grown since, looked at every few milliseconds. */
function watchMemory(): Disposable & { readonly grownMb: number } {
  const mb = () => Deno.memoryUsage().rss / 2 ** 20;
  const before = mb();
  let most = before;
  const timer = setInterval(() => most = Math.max(most, mb()), 5);
  return {
    get grownMb() {
      return Math.max(most, mb()) - before;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
