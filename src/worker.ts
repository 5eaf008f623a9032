/**
 * Worker: what every Web Worker of the system runs: one actor of each role that calls upstreams.
 * @module
 */
import { judge } from "../actors/judge.ts";
import { panelMember } from "../actors/panel_member.ts";
import { relay } from "../actors/relay.ts";
import { synthesizer } from "../actors/synthesizer.ts";
import { serve } from "./runtime/serve.ts";
import { scopePorts } from "./runtime/worker_scope.ts";

const portOf = scopePorts();
serve(panelMember, portOf(panelMember.protocol.role));
serve(judge, portOf(judge.protocol.role));
serve(synthesizer, portOf(synthesizer.protocol.role));
serve(relay, portOf(relay.protocol.role));
