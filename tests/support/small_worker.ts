/**
 * Small worker: the system's own actors with room for very few asks, so that a test can flood them.
 * @module
 */
import { judge } from "../../actors/judge.ts";
import { panelMember } from "../../actors/panel_member.ts";
import { relay } from "../../actors/relay.ts";
import { synthesizer } from "../../actors/synthesizer.ts";
import { serve } from "../../src/runtime/serve.ts";
import { scopePorts } from "../../src/runtime/worker_scope.ts";

/** Asks that one worker takes for each role. */
export const SMALL = { concurrency: 6, mailboxLimit: 6 };

if ("DedicatedWorkerGlobalScope" in globalThis) {
  const portOf = scopePorts();
  serve(panelMember, portOf(panelMember.protocol.role), SMALL);
  serve(judge, portOf(judge.protocol.role), SMALL);
  serve(synthesizer, portOf(synthesizer.protocol.role), SMALL);
  serve(relay, portOf(relay.protocol.role), SMALL);
}
