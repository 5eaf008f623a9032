/**
 * Chaos config: the configuration under which the gateway is beset: few places, short times, a key
 * with next to nothing to spend, and profiles that take every way through the house.
 * @module
 */
import { createHash } from "node:crypto";

/** Client keys, by their names. */
export const KEYS = { wide: "wide-key-of-chaos", narrow: "narrow-key-of-chaos" } as const;
export type KeyName = keyof typeof KEYS;

/** Models that sit on panels; `solo`, `judge`, `synth` and `router` have the other parts. */
export const MEMBERS: readonly string[] = ["a", "b", "c", "d", "e"];

/** How long what is in flight at the end may take. There will be nothing in flight. */
export const GRACE_MS = 10_000;

export interface ChaosConfig {
  readonly upstreamUrl: string;
  readonly ledger: string;
  /** Clients that there will be: a third of them find no place at once. */
  readonly load: number;
  readonly workers: number;
}

export function chaosConfig({ upstreamUrl, ledger, load, workers }: ChaosConfig): string {
  return `[server]
bind = "127.0.0.1:0"
max_concurrent_requests = ${Math.ceil(load * 2 / 3)}
queue_limit = ${Math.ceil(load / 6)}
queue_timeout_ms = 400
shutdown_grace_ms = ${GRACE_MS}
${key("wide")}
${key("narrow")}requests_per_minute = 5
[store]
url = "sqlite:${ledger}"
on_failure = "closed"
[runtime]
workers = ${workers}
max_restarts = 1000
restart_window_ms = 1000
[breaker]
window_ms = 2000
open_ms = 300
[backend]
base_url = "${upstreamUrl}"
timeout_ms = 1500
${profile("trio", { members: MEMBERS.slice(0, 3), quorum: 2 })}
${profile("quint", { members: MEMBERS, quorum: 3, ...EASY_GOING })}
${profile("sorted", { members: MEMBERS.slice(2), quorum: 2, router: SORTED })}`;
}

/** Its judge makes two calls at once: one may have been paid when the other is given up. */
const EASY_GOING = { panel: 'below_quorum = "best_answer"', aggregator: "judge_swaps = 2" };
const SORTED = 'policy = "classifier"\nclassifier_model = "router"';

interface ProfileParts {
  readonly members: readonly string[];
  readonly quorum: number;
  readonly panel?: string;
  readonly router?: string;
  readonly aggregator?: string;
}

function profile(name: string, parts: ProfileParts): string {
  const { members, quorum, panel = "", router = "", aggregator = "" } = parts;
  return `[[profiles]]
name = "${name}"
deadline_ms = 6000
[profiles.router]
single_model = "solo"
${router}
[profiles.panel]
members = ${JSON.stringify(members)}
min_quorum = ${quorum}
timeout_ms = 1000
${panel}
[profiles.aggregator]
judge = "judge"
synthesizer = "synth"
${aggregator}
`;
}

function key(name: KeyName): string {
  const sha256 = createHash("sha256").update(KEYS[name]).digest("hex");
  return `[[server.auth.keys]]\nname = "${name}"\nsha256 = "${sha256}"\n`;
}
