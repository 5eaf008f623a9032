import assert from "node:assert/strict";
import fc from "fast-check";
import type { CheapFault } from "../../src/fusion/cheap_check.ts";
import {
  type CoursePlan,
  hasQuorum,
  openAsks,
  openSlots,
  type TimerName,
} from "../../src/fusion/course_state.ts";
import { MODES } from "../../src/fusion/modes.ts";
import type { FailureCode } from "../../src/protocol/failure.ts";
import { ANALYSIS, coursePlan, CourseScript, failure, tokens } from "../support/course_script.ts";

/** What happens to a run. `pick` chooses among all asks ever made, and one that never was. */
type Happening =
  | { type: "answered"; pick: number; open: boolean; cost: number; text: string; more: More }
  | { type: "decided"; slot: number | null }
  | {
    type: "failed";
    pick: number;
    open: boolean;
    cost: number;
    code: FailureCode;
    overBudget: boolean;
  }
  | { type: "hedge"; pick: number }
  | { type: "timer"; timer: TimerName }
  | { type: "first_delta" | "start" | "cancel" };

/** What only some modes and stages hear. */
interface More {
  readonly slot?: number;
  readonly oneSided: boolean;
  readonly fault?: CheapFault;
}

const plans = fc.record({
  mode: fc.constantFrom(undefined, ...MODES),
  route: fc.constantFrom<CoursePlan["route"][]>("fuse", "fuse", "classify", "single"),
  slots: fc.integer({ min: 1, max: 5 }),
  layers: fc.integer({ min: 1, max: 4 }),
  quorum: fc.integer({ min: 1, max: 5 }),
  belowQuorum: fc.constantFrom<CoursePlan["belowQuorum"][]>("fail", "best_answer"),
  graceMs: fc.constantFrom(undefined, 0, 100),
  panelTimeoutMs: fc.constantFrom(50, 5_000, 60_000),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  fallbacks: fc.boolean(),
  hedges: fc.boolean(),
}).map(({ quorum, graceMs, maxAttempts, fallbacks, hedges, mode, ...plan }) =>
  coursePlan({
    ...plan,
    ...(mode ? { mode } : {}),
    retry: { maxAttempts, maxWaitMs: 1_000, seed: "seed" },
    ...(fallbacks ? { fallbackTimeoutMs: everywhere(5_000) } : {}),
    ...(hedges ? { hedgeAfterMs: everywhere(20) } : {}),
    minQuorum: Math.min(quorum, plan.slots),
    ...(graceMs === undefined ? {} : { graceMs }),
  })
);

function everywhere(ms: number) {
  return { members: Array(5).fill(ms), stages: { judge: ms, synthesis: ms, single: ms } };
}

const terminal = { pick: fc.nat(), open: fc.boolean(), cost: fc.nat(50) };
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("answered" as const),
      ...terminal,
      text: fc.constantFrom("?", "0", "1"),
      more: fc.record({
        slot: fc.nat(4),
        oneSided: fc.boolean(),
        fault: fc.constantFrom<CheapFault[]>("empty", "unsure"),
      }, { requiredKeys: ["oneSided"] }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("decided" as const),
      slot: fc.option(fc.nat(4)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("failed" as const),
      ...terminal,
      code: fc.constantFrom<FailureCode[]>(
        "http_5xx",
        "http_429",
        "circuit_open",
        "crashed",
        "empty",
        "cancelled",
      ),
      overBudget: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("hedge" as const), pick: fc.nat() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("timer" as const),
      timer: fc.constantFrom<TimerName[]>("share", "panel", "grace", "stage"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("first_delta" as const, "start" as const, "cancel" as const),
    }),
  },
);
const stories = fc.array(happenings, { maxLength: 40 });

class Telling {
  readonly run: CourseScript;
  /** Tokens by ask, as its first terminal reported them. */
  readonly reported = new Map<string, number>();
  cancelled = false;
  #at: number;

  constructor(readonly plan: CoursePlan) {
    this.run = new CourseScript(plan);
    this.#at = plan.startedAt;
  }

  tell(each: Happening): void {
    const at = this.#at += 7;
    switch (each.type) {
      case "answered": {
        const { cost, text, more } = each;
        const told = { at, ask: this.#pick(each), usage: tokens(cost) };
        this.run.tell({ type: "answered", ...told, text, analysis: ANALYSIS, ...more });
        break;
      }
      case "decided":
        this.run.tell({ type: "decided", at, slot: each.slot });
        break;
      case "failed": {
        const { code, cost, overBudget } = each;
        const told = { at, ask: this.#pick(each), usage: tokens(cost) };
        this.run.tell({ type: "failed", ...told, failure: failure(code), overBudget });
        break;
      }
      case "hedge": {
        const { asks } = this.run.state;
        const ask = asks[each.pick % Math.max(1, asks.length)]?.id;
        this.run.tell({ type: "timer", timer: `hedge.${ask}`, at });
        break;
      }
      case "timer":
        this.run.tell({ type: "timer", timer: each.timer, at });
        break;
      case "cancel":
        this.cancelled ||= this.run.end === undefined;
        this.run.tell({ type: "cancel", reason: "client_left", at });
        break;
      case "first_delta":
      case "start":
        this.run.tell({ type: each.type, at });
        break;
      default:
        each satisfies never;
    }
  }

  /** Every run meets its deadline, if nothing else. */
  end(): void {
    this.#at = Math.max(this.#at, this.plan.deadlineAt);
    this.run.tell({ type: "timer", timer: "deadline", at: this.#at });
  }

  #pick({ pick, open, cost }: { pick: number; open: boolean; cost: number }): string {
    const asks = open ? openAsks(this.run.state) : this.run.state.asks;
    const ask = asks[pick % (asks.length + (open ? 0 : 1))]?.id;
    if (ask !== undefined && !this.reported.has(ask)) this.reported.set(ask, cost);
    return ask ?? "panel.7.7.7";
  }
}

/** For every plan and story: tells it, calls `check` after each event and at the end. */
function forEveryStory(check: (telling: Telling, ended: boolean) => void): void {
  fc.assert(
    fc.property(plans, stories, (plan, story) => {
      const telling = new Telling(plan);
      for (const each of [{ type: "start" } as const, ...story]) {
        telling.tell(each);
        check(telling, false);
      }
      telling.end();
      check(telling, true);
    }),
    { numRuns: 2_000 },
  );
}

Deno.test("course() finishes exactly once, at its deadline at the latest", () => {
  forEveryStory(({ run }, ended) => {
    const finishes = run.effects.filter(({ type }) => type === "finish").length;
    assert.ok(ended ? finishes === 1 : finishes <= 1);
  });
});

Deno.test("course() has no effect after its finish, whatever happens then", () => {
  forEveryStory(({ run }) => {
    const at = run.effects.findIndex(({ type }) => type === "finish");
    assert.ok(at < 0 || at === run.effects.length - 1);
  });
});

Deno.test("course() leaves every ask either settled or cancelled", () => {
  forEveryStory(({ run, reported }, ended) => {
    if (!ended) return;
    assert.deepEqual(run.open, []);
    const cancelled = new Set(
      run.effects.flatMap((each) => each.type === "cancel" ? [each.ask] : []),
    );
    for (const each of run.effects) {
      if (each.type === "ask") assert.ok(reported.has(each.ask) || cancelled.has(each.ask));
    }
  });
});

Deno.test("course() names no ask twice, and cancels none twice", () => {
  forEveryStory(({ run }) => {
    for (const type of ["ask", "cancel"] as const) {
      const ids = run.effects.flatMap((each) => each.type === type ? [each.ask] : []);
      assert.equal(new Set(ids).size, ids.length);
    }
  });
});

Deno.test("course() never has more asks open than its panel has slots, nor two stages at once", () => {
  forEveryStory(({ run, plan }) => {
    const open = openAsks(run.state);
    const stages = new Set(open.map(({ stage, layer }) => `${stage}.${layer}`));
    assert.ok(stages.size <= 1);
    const slots = new Set(open.map(({ slot }) => slot)).size;
    assert.ok(slots <= (open[0]?.stage === "panel" ? plan.slots : 1));
    // Beside a slow call there is one more, never two.
    assert.ok(open.filter(({ cause }) => cause === "hedge").length <= slots);
    assert.ok(open.length <= 2 * slots);
    assert.ok(openSlots(run.state) <= plan.slots);
  });
});

Deno.test("course() asks a slot's models no more often than they may be asked", () => {
  forEveryStory(({ run, plan }) => {
    const byModel = Map.groupBy(
      run.state.asks,
      ({ stage, layer, slot, target }) => `${stage}.${layer}.${slot}.${target}`,
    );
    for (const asks of byModel.values()) {
      const crashes = asks.filter(({ status }) => status === "crashed").length;
      assert.ok(crashes <= 3);
      // The one more is a hedge.
      assert.ok(asks.length - crashes <= plan.retry!.maxAttempts + 1);
      assert.ok(asks.filter(({ cause }) => cause === "hedge").length <= 1);
      assert.ok(asks.filter(({ cause }) => cause === "fallback").length <= 1);
    }
  });
});

Deno.test("course() asks nothing when its layer or stage is over", () => {
  forEveryStory(({ run, plan }) => {
    for (const each of run.effects) {
      if (each.type === "ask" && each.cause !== "first") assert.ok(each.startAt < plan.deadlineAt);
    }
  });
});

Deno.test("course() takes one answer of a slot at most", () => {
  forEveryStory(({ run }) => {
    const { answers } = run.state;
    assert.equal(new Set(answers.map(({ slot }) => slot)).size, answers.length);
  });
});

Deno.test("course() spends the sum of what its asks reported, each counted once", () => {
  forEveryStory(({ run, reported }) => {
    assert.equal(run.spent, [...reported.values()].reduce((sum, each) => sum + each, 0));
  });
});

Deno.test("course() with a quorum answers, unless it was cancelled or the answer had begun", () => {
  forEveryStory(({ run, cancelled }, ended) => {
    if (!ended || cancelled || run.state.streaming) return;
    const { layerAnswers, phase, plan } = run.state;
    assert.equal(phase, "done");
    if (layerAnswers.length > 0 || (plan.route === "fuse" && hasQuorum(run.state))) {
      assert.equal(run.ending?.type, "answered");
    }
  });
});

Deno.test("course() says fused only where its mode's own procedure has run to its end", () => {
  forEveryStory(({ run, plan: { mode } }, ended) => {
    if (!ended) return;
    const chosen = run.ending?.type === "answered" ? run.ending.slot : undefined;
    const answered = new Set(
      run.state.asks.filter(({ status }) => status === "answered").map(({ stage }) => stage),
    );
    const isCounted = run.effects.some(({ type }) => type === "decide");
    if (run.end !== "fused") assert.equal(chosen, undefined);
    else if (chosen === undefined) {
      assert.ok(answered.has("judge") && answered.has("synthesis"));
    } else if (mode === "select") assert.ok(answered.has("judge") && !answered.has("synthesis"));
    else assert.ok(isCounted && !answered.has("synthesis"));
    if (run.end === "no_judge") assert.ok(answered.has("synthesis") && !answered.has("judge"));
    if (run.end === "single") assert.ok(answered.has("single"));
  });
});

Deno.test("course() names as the final answer's an ask that has answered", () => {
  forEveryStory(({ run }) => {
    if (run.ending?.type !== "answered" || run.ending.ask === undefined) return;
    const { ask } = run.ending;
    const record = run.state.asks.find(({ id }) => id === ask);
    assert.equal(record?.status, "answered");
    assert.equal(record?.stage, run.end === "single" ? "single" : "synthesis");
  });
});

Deno.test("course() writes an answer twice at most, and tries a single model once", () => {
  forEveryStory(({ run, plan: { mode } }) => {
    const slots = (stage: string) =>
      new Set(run.state.asks.filter((ask) => ask.stage === stage).map(({ slot }) => slot)).size;
    assert.ok(slots("synthesis") <= 2);
    assert.ok(slots("single") <= 1);
    if (mode !== "cascade") assert.equal(run.state.trial, null);
  });
});

Deno.test("course() leaves no timer set when it has finished", () => {
  forEveryStory(({ run }) => {
    if (run.end !== undefined) assert.deepEqual(run.timers, {});
  });
});

Deno.test("course() sets no timer beyond its deadline but the grace", () => {
  forEveryStory(({ run, plan }) => {
    for (const each of run.effects) {
      if (each.type === "set_timer" && each.timer !== "grace") {
        assert.ok(each.at <= plan.deadlineAt);
      }
    }
  });
});

Deno.test("step() never changes a state that it was given", () => {
  fc.assert(
    fc.property(plans, stories, (plan, story) => {
      const telling = new Telling(plan);
      for (const each of [{ type: "start" } as const, ...story]) {
        const before = telling.run.state;
        const copy = structuredClone(before);
        telling.tell(each);
        assert.deepEqual(before, copy);
      }
    }),
    { numRuns: 200 },
  );
});
