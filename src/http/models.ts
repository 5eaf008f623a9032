/**
 * GET /v1/models and /v1/models/{id}: each profile as a model, and nothing of what stands behind.
 * Source: OpenAI API reference, "Models".
 * @module
 */
import type { Handler } from "hono";
import { findProfile, type ProfilesByAlias } from "../gate/profile.ts";
import type { DoorEnv } from "./door_env.ts";

/** @param created Epoch seconds at which the profiles were loaded. */
export function listModels(profiles: ProfilesByAlias, created: number): Handler<DoorEnv> {
  const data = [...profiles.keys()].map((alias) => modelBody(alias, created));
  return (c) => c.json({ object: "list", data });
}

/** Takes the id with its slash plain (`fusion/x`) or escaped (`fusion%2Fx`). */
export function getModel(profiles: ProfilesByAlias, created: number): Handler<DoorEnv> {
  return (c) => {
    const alias = c.req.param("id") ?? "";
    findProfile(profiles, alias);
    return c.json(modelBody(alias, created));
  };
}

function modelBody(id: string, created: number) {
  return { id, object: "model", created, owned_by: "tutti" };
}
