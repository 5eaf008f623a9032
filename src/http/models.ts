/**
 * GET /v1/models and /v1/models/{id}: each profile as a model, and the models that are passed
 * through; nothing else of what stands behind.
 * Source: OpenAI API reference, "Models".
 * @module
 */
import type { Handler } from "hono";
import type { PassedModels } from "../gate/passed_models.ts";
import { findProfile, type ProfilesByAlias } from "../gate/profile.ts";
import type { DoorEnv } from "./door_env.ts";

interface Models {
  readonly profiles: ProfilesByAlias;
  readonly passedModels: PassedModels;
}

/** @param created Epoch seconds at which the configuration was loaded. */
export function listModels(
  { profiles, passedModels }: Models,
  created: number,
): Handler<DoorEnv> {
  const ids = [...profiles.keys(), ...passedModels.models.map(({ id }) => id)];
  const data = ids.map((id) => modelBody(id, created));
  return (c) => c.json({ object: "list", data });
}

/** Takes the id with its slash plain (`fusion/x`) or escaped (`fusion%2Fx`). */
export function getModel({ profiles, passedModels }: Models, created: number): Handler<DoorEnv> {
  return (c) => {
    const id = c.req.param("id") ?? "";
    if (!passedModels.get(id)) findProfile(profiles, id);
    return c.json(modelBody(id, created));
  };
}

function modelBody(id: string, created: number) {
  return { id, object: "model", created, owned_by: "tutti" };
}
