/**
 * Bench config: the configuration under which a gateway is measured, and the names in it. Written in
 * the keys that the reference design has too, so that one file serves both.
 * @module
 */
import { JUDGE, MEMBERS, SYNTHESIZER } from "./names.ts";

/** Requests that are in flight at once in the memory figure. */
export const MOST_IN_FLIGHT = 1_000;

const THREE = "bench";
const FIVE = "bench5";
/** The model that fuses a panel of the first three members. */
export const OF_THREE = `fusion/${THREE}`;
/** The model that fuses a panel of all five. */
export const OF_FIVE = `fusion/${FIVE}`;

export function benchConfig(upstreamUrl: string): string {
  return `[server]
bind = "127.0.0.1:0"
max_concurrent_requests = ${MOST_IN_FLIGHT}

[backend]
base_url = "${upstreamUrl}"
timeout_ms = 60000
${profile(THREE, MEMBERS.slice(0, 3), 2)}${profile(FIVE, MEMBERS, 3)}`;
}

function profile(name: string, members: readonly string[], minQuorum: number): string {
  return `
[[profiles]]
name = "${name}"
[profiles.panel]
members = ${JSON.stringify(members)}
min_quorum = ${minQuorum}
timeout_ms = 60000
[profiles.aggregator]
judge = "${JUDGE}"
synthesizer = "${SYNTHESIZER}"
`;
}
