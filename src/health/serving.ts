/**
 * Serving: which profiles could answer now, by the state of their models' breakers. A model whose
 * breaker is half open counts as there: only a call can tell.
 * @module
 */
import type { ModelRef, Profile } from "../fusion/profile.ts";
import type { UpstreamHealth, UpstreamView } from "./upstream_health.ts";

export interface ProfileView {
  readonly profile: string;
  readonly serves: boolean;
}

/** What is known of the upstreams, and what follows for the profiles. */
export interface HealthView {
  readonly upstreams: readonly UpstreamView[];
  readonly profiles: readonly ProfileView[];
}

export function healthView(
  health: Pick<UpstreamHealth, "stateOf" | "upstreams">,
  profiles: readonly Profile[],
): HealthView {
  return {
    upstreams: health.upstreams,
    profiles: profiles.map((profile) => ({
      profile: profile.name,
      serves: serves(profile, (model) => health.stateOf(model) !== "open"),
    })),
  };
}

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/**
 * Not ready where no profile could answer. One that can is reason enough to stay: what another is
 * asked for fails at once and by itself, while a gateway that is taken out fails everybody.
 */
export function ensureServes(readiness: Readiness, { profiles }: HealthView): Readiness {
  if (profiles.some(({ serves }) => serves)) return readiness;
  const reason = "no profile can be served: its models' circuits are open";
  return { ready: false, reasons: [...readiness.reasons, reason] };
}

/** Whether the panel could reach its quorum, or the classifier may send a request round it. */
function serves({ panel, router }: Profile, isThere: (model: ModelRef) => boolean): boolean {
  const oneIsThere = (model?: ModelRef, fallback?: ModelRef) =>
    (model !== undefined && isThere(model)) || (fallback !== undefined && isThere(fallback));
  const { belowQuorum, members, minQuorum, samples, selfMoa } = panel;
  const slots = selfMoa ? Array.from({ length: samples }, () => members[0]) : members;
  const there = slots.filter((member) => oneIsThere(member, member?.fallback)).length;
  if (there >= (belowQuorum === "best_answer" ? 1 : minQuorum)) return true;
  return router.policy === "classifier" && oneIsThere(router.singleModel, router.singleFallback);
}
