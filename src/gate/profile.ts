/**
 * Finds the profile that a request's `model` names. Clients see a profile as the model
 * `fusion/<name>`; any other model is refused.
 * @module
 */
import type { Profile } from "../fusion/profile.ts";
import { Refused } from "./refusal.ts";

/** Profiles by the model name that clients use for them, in the configuration's order. */
export type ProfilesByAlias = ReadonlyMap<string, Profile>;

export function profilesByAlias(profiles: readonly Profile[]): ProfilesByAlias {
  return new Map(profiles.map((profile) => [`fusion/${profile.name}`, profile]));
}

/** @throws {Refused} `model_not_found` */
export function findProfile(profiles: ProfilesByAlias, model: string): Profile {
  const profile = profiles.get(model);
  if (profile === undefined) throw new Refused({ type: "model_not_found", model });
  return profile;
}
