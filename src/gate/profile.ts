/**
 * Finds the profile that a request's `model` names. Clients see a profile as the model
 * `fusion/<name>`, or `fusion/<name>:<mode>` to choose a mode for one request; any other model is
 * refused.
 * @module
 */
import { isMode } from "../fusion/modes.ts";
import type { Profile } from "../fusion/profile.ts";
import { Refused } from "./refusal.ts";

/** Profiles by the model name that clients use for them, in the configuration's order. */
export type ProfilesByAlias = ReadonlyMap<string, Profile>;

export function profilesByAlias(profiles: readonly Profile[]): ProfilesByAlias {
  return new Map(profiles.map((profile) => [`fusion/${profile.name}`, profile]));
}

/**
 * The profile that an alias names; `fusion/<name>:<mode>` is the same in another mode.
 * @throws {Refused} `model_not_found`
 */
export function findProfile(profiles: ProfilesByAlias, model: string): Profile {
  const [alias = "", mode, ...rest] = model.split(":");
  const profile = profiles.get(alias);
  if (profile === undefined || rest.length > 0 || (mode !== undefined && !isMode(mode))) {
    throw new Refused({ type: "model_not_found", model });
  }
  return mode === undefined ? profile : { ...profile, aggregator: { ...profile.aggregator, mode } };
}
