/**
 * Panel plan: the calls that one panel layer makes, a slot each. Every member once, or under
 * self-MoA the first member `samples` times with its temperatures spread.
 * Source: Li et al., "Rethinking Mixture-of-Agents", arXiv 2502.00674 (self-MoA).
 * @module
 */
import type { ChatRequest } from "../openai/chat_request.ts";
import { panelParameters, type Parameters, toolParameters } from "./parameters.ts";
import type { Member, Profile } from "./profile.ts";
import { toolsMode } from "./tools_mode.ts";

export interface PlannedCall {
  readonly member: Member;
  readonly params: Parameters;
}

/** How traces and errors name a member: by its place in the panel, never by its model. */
export function memberLabel(slot: number): string {
  return `M${slot + 1}`;
}

/** Calls that a panel makes at once. */
export function panelSize({ panel }: Profile): number {
  return panel.selfMoa ? panel.samples : panel.members.length;
}

const DEFAULT_SAMPLE_TEMPERATURE = 0.7;
const TEMPERATURE_STEP = 0.2;
const HIGHEST_TEMPERATURE = 1.5;

export function panelPlan(profile: Profile, request: ChatRequest): readonly PlannedCall[] {
  const asked = toolsMode(profile, request) === "first_call"
    ? { ...panelParameters(request), ...toolParameters(request) }
    : panelParameters(request);
  const { members, selfMoa, samples } = profile.panel;
  const [first] = members;
  if (!selfMoa || !first) {
    return members.map((member) => ({ member, params: memberParameters(asked, member) }));
  }
  const base = memberParameters(asked, first);
  const temperatures = spreadTemperatures(
    samples,
    typeof base.temperature === "number" ? base.temperature : DEFAULT_SAMPLE_TEMPERATURE,
  );
  return temperatures.map((temperature, sample) => ({
    member: first,
    params: {
      ...base,
      temperature,
      // One seed for all would make the samples as equal as their temperatures allow.
      ...(typeof base.seed === "number" ? { seed: base.seed + sample } : {}),
    },
  }));
}

function memberParameters(asked: Parameters, member: Member): Parameters {
  return {
    ...asked,
    ...(member.temperature === undefined ? {} : { temperature: member.temperature }),
    ...(member.maxTokens === undefined ? {} : { max_tokens: member.maxTokens }),
  };
}

/** `count` temperatures around `middle`, 0.2 apart, none below 0 or above 1.5. */
export function spreadTemperatures(count: number, middle: number): readonly number[] {
  const step = Math.min(TEMPERATURE_STEP, HIGHEST_TEMPERATURE / Math.max(1, count - 1));
  const width = step * (count - 1);
  const lowest = Math.min(Math.max(0, middle - width / 2), HIGHEST_TEMPERATURE - width);
  return Array.from({ length: count }, (_, i) => Math.round((lowest + i * step) * 1000) / 1000);
}
