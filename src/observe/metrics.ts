/**
 * Metrics: everything that `/metrics` shows, in a registry of its own, and the few calls that the
 * gateway feeds it with. Label values come from the configuration and from closed sets of words,
 * so that no client can make the number of series grow.
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Answered, Outcome } from "../fusion/outcome.ts";

/** A model's circuit breaker, as `/metrics` shows it. */
export interface UpstreamView {
  readonly model: string;
  readonly state: "closed" | "half_open" | "open";
}

export interface RunTimings {
  /** From the request's arrival to the end of its body, in seconds. */
  readonly requestSeconds: number;
  /** From the request's arrival to the first word of a streamed answer, in seconds. */
  readonly firstTokenSeconds?: number;
}

/** Who knows how busy the house is; read when `/metrics` is. */
export interface Load {
  readonly inFlight: number;
  readonly queueDepth: number;
}

export interface Metrics {
  /** Once for each finished run, whoever it ended for. */
  observeRun(outcome: Outcome, profile: string, timings: RunTimings): void;
  /** A request that was turned away for want of a place. */
  shed(reason: string): void;
  /** A request that was answered with an error before a run was started; `code` is from our own table. */
  refused(code: string): void;
  workerRestarted(): void;
  /** Something that happened to the store of limits and ledger; `type` is from a closed set. */
  storeEvent(type: string, count?: number): void;
  /** A call failed by its upstream's fault; `model` is `backend::model`. */
  upstreamFailed(model: string, code: string): void;
  /** A call beyond a slot's first: `retry`, `fallback` or `hedge`. */
  extraCall(model: string, cause: string): void;
  /** Names the source of `tutti_upstream_state`; the last one named counts. */
  watchUpstreams(upstreams: () => readonly UpstreamView[]): void;
  /** Names the source of `tutti_in_flight` and `tutti_queue_depth`; the last one named counts. */
  watchLoad(load: Load): void;
  readonly contentType: string;
  /** The text that Prometheus scrapes. */
  expose(): Promise<string>;
}

function decisionOf({ route, trace }: Outcome): string {
  return trace.router?.why === "background" ? "background" : route;
}

/** A quorum's tool calls are answered without a judge because they need none. */
function isDegraded({ outcome, trace }: Answered): boolean {
  return outcome !== "fused" && !trace.moments.some(({ what }) => what === "calls_agreed");
}

/** Requests last from milliseconds (simulated upstreams) to the minutes that a slow panel takes. */
const RUN_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
const STATES: readonly UpstreamView["state"][] = ["closed", "half_open", "open"];
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const seconds = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram({ name, help, labelNames, buckets: RUN_SECONDS, registers });

  const requests = counter(
    "tutti_requests_total",
    "Finished runs by what came of them: a rung of the answer's ladder, or why there was no answer.",
    "profile",
    "route",
    "outcome",
  );
  const requestSeconds = seconds(
    "tutti_request_seconds",
    "Seconds from a request's arrival to the end of its answer.",
  );
  const firstTokenSeconds = seconds(
    "tutti_first_token_seconds",
    "Seconds from a streamed request's arrival to the first word of its answer.",
  );
  const stageSeconds = seconds(
    "tutti_stage_seconds",
    "Seconds that a stage of a run took.",
    "profile",
    "stage",
  );
  const members = counter(
    "tutti_panel_members_total",
    "Panel members asked, by how they ended: answered, or why not.",
    "profile",
    "model",
    "status",
  );
  const tokens = counter(
    "tutti_tokens_total",
    "Tokens spent. cached is a part of prompt, reasoning a part of completion.",
    "profile",
    "stage",
    "model",
    "kind",
  );
  const cost = counter(
    "tutti_cost_usd_total",
    "US dollars spent, by the configured prices.",
    "profile",
    "stage",
    "model",
  );
  const decisions = counter(
    "tutti_router_decisions_total",
    "Routes that runs took; background: single, for a front end's own task.",
    "profile",
    "decision",
  );
  const degraded = counter(
    "tutti_degraded_total",
    "Fused requests that were answered from a lower rung than a full fusion.",
    "profile",
    "outcome",
  );
  const overMaxShare = counter(
    "tutti_over_max_share_total",
    "Fused answers of which one panel answer makes up more than max_share.",
    "profile",
  );
  const injections = counter(
    "tutti_injections_total",
    "Panel answers that speak to their reader instead of answering.",
    "profile",
  );
  const shed = counter("tutti_shed_total", "Requests turned away for want of a place.", "reason");
  const refused = counter(
    "tutti_refused_total",
    "Requests answered with an error before a run was started, by error code.",
    "code",
  );
  const storeEvents = counter(
    "tutti_store_events_total",
    "What happened to the store: away, back, unchecked and refused requests, lost and dropped ledger entries.",
    "type",
  );
  const restarts = counter("tutti_worker_restarts_total", "Workers started in place of dead ones.");
  const dominantShare = new Histogram({
    name: "tutti_dominant_share",
    help: "Largest share that one panel answer has in the final answer, 0 to 1.",
    buckets: SHARES,
    registers,
  });

  const upstreamFailures = counter(
    "tutti_upstream_failures_total",
    "Calls that failed by their upstream's fault, by model and failure.",
    "model",
    "code",
  );
  const extraCalls = counter(
    "tutti_upstream_extra_calls_total",
    "Calls beyond a slot's first: retry, fallback or hedge.",
    "model",
    "cause",
  );
  let upstreams: () => readonly UpstreamView[] = () => [];
  new Gauge({
    name: "tutti_upstream_state",
    help: "Each called model's circuit breaker: 0 closed, 1 half open, 2 open.",
    labelNames: ["model"],
    registers,
    collect() {
      this.reset();
      for (const { model, state } of upstreams()) this.set({ model }, STATES.indexOf(state));
    },
  });

  let load: Load = { inFlight: 0, queueDepth: 0 };
  new Gauge({
    name: "tutti_in_flight",
    help: "Requests being served.",
    registers,
    collect() {
      this.set(load.inFlight);
    },
  });
  new Gauge({
    name: "tutti_queue_depth",
    help: "Requests waiting to be served.",
    registers,
    collect() {
      this.set(load.queueDepth);
    },
  });

  function observeRun(outcome: Outcome, profile: string, timings: RunTimings): void {
    const { route, trace } = outcome;
    const ending = outcome.type === "answered" ? outcome.outcome : outcome.reason;
    requests.inc({ profile, route, outcome: ending });
    decisions.inc({ profile, decision: decisionOf(outcome) });
    if (outcome.type === "answered" && route === "fuse" && isDegraded(outcome)) {
      degraded.inc({ profile, outcome: outcome.outcome });
    }
    requestSeconds.observe(timings.requestSeconds);
    if (timings.firstTokenSeconds !== undefined) {
      firstTokenSeconds.observe(timings.firstTokenSeconds);
    }
    for (const { stage, ms } of trace.stages) stageSeconds.observe({ profile, stage }, ms / 1_000);
    for (const { model, status } of trace.panel) members.inc({ profile, model, status });
    for (const { stage, model, usage, costUsd } of outcome.usageByModel) {
      const spend = (kind: string, count: number) => {
        if (count > 0) tokens.inc({ profile, stage, model, kind }, count);
      };
      spend("prompt", usage.promptTokens);
      spend("completion", usage.completionTokens);
      spend("cached", usage.cachedTokens);
      spend("reasoning", usage.reasoningTokens);
      if (costUsd > 0) cost.inc({ profile, stage, model }, costUsd);
    }
    if (trace.overMaxShare) overMaxShare.inc({ profile });
    if (trace.injections) injections.inc({ profile }, trace.injections);
    if (trace.dominantShare !== null) dominantShare.observe(trace.dominantShare);
  }

  return {
    observeRun,
    shed: (reason) => shed.inc({ reason }),
    refused: (code) => refused.inc({ code }),
    workerRestarted: () => restarts.inc(),
    storeEvent: (type, count = 1) => storeEvents.inc({ type }, count),
    upstreamFailed: (model, code) => upstreamFailures.inc({ model, code }),
    extraCall: (model, cause) => extraCalls.inc({ model, cause }),
    watchUpstreams: (source) => void (upstreams = source),
    watchLoad: (source) => void (load = source),
    contentType: registry.contentType,
    expose: () => registry.metrics(),
  };
}
