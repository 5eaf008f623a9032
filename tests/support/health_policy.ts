/**
 * Health policy: one under which nothing happens beyond a slot's first call, but for what a test
 * changes: no retry, no hedge, and breakers that never open.
 * @module
 */
import type { HealthPolicy } from "../../src/health/upstream_health.ts";

export interface HealthSpec {
  readonly retry?: Partial<HealthPolicy["retry"]>;
  readonly breaker?: Partial<HealthPolicy["breaker"]>;
  readonly hedge?: Partial<HealthPolicy["hedge"]>;
}

export function healthPolicy({ retry, breaker, hedge }: HealthSpec = {}): HealthPolicy {
  return {
    retry: { maxAttempts: 1, maxWaitMs: 10_000, budgetShare: 1, budgetMinPerSecond: 100, ...retry },
    breaker: {
      consecutiveFailures: Infinity,
      failureRatio: 1,
      minCalls: Infinity,
      windowMs: 10_000,
      openMs: 1_000,
      ...breaker,
    },
    hedge: { enabled: false, maxExtra: 1, ...hedge },
  };
}
