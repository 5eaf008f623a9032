/**
 * Rest checks: after the storm nothing is held, the house serves as before, and when it has ended
 * nothing of it is left.
 * @module
 */
import { type Check, check } from "./check.ts";
import type { Evidence } from "./evidence.ts";
import { held } from "./resting.ts";

export function restChecks({ resting, calm, neededGrace, left }: Evidence): Check[] {
  const changed = calm.after.filter((found, at) => found !== calm.before[at]);
  const unserved = calm.before.filter((found) => !found.includes(": answered,"));
  return [
    check(
      "no permit, ask or call is left open, and every worker is up",
      held(resting),
      `${resting.workersReady} of ${resting.workersConfigured} workers ready, all else 0`,
    ),
    check(
      "it serves as before",
      [...unserved, ...changed.map((found) => `afterwards ${found}`)],
      calm.after.join("; "),
    ),
    check(
      "it ends at once, and leaves no worker, timer or server",
      [
        ...(neededGrace ? ["its end waited for the grace"] : []),
        ...(left.workers > 0 ? [`${left.workers} workers live`] : []),
        ...left.resources.map((resource) => `${resource} is left`),
      ],
      "nothing",
    ),
  ];
}
