/**
 * Model reference: from a model's id as the file writes it to the backend that serves it.
 *
 * `name::model-id` is split at the first `::`. An id without it belongs to the backend "default"
 * (which is what `[backend]` is called), or to the only one there is.
 * @module
 */
import type { ModelRef } from "../fusion/profile.ts";
import { quote } from "./key_path.ts";

const SEPARATOR = "::";
export const DEFAULT_BACKEND = "default";

export type FoundModel =
  | { readonly ref: ModelRef }
  | { readonly fault: string };

/** Finds the backend of a model id among the configured names. */
export function findModel(id: string, backends: readonly string[]): FoundModel {
  const alias = aliasFault(id);
  if (alias !== undefined) return { fault: alias };
  const { backend, model } = split(id);
  if (backend === undefined) return onUnnamedBackend(id, backends);
  if (model === "") return { fault: `Cannot be ${quote(id)}: no model follows the "${SEPARATOR}"` };
  if (!backends.includes(backend)) {
    const way = `if "${SEPARATOR}" is part of the model's id, put the backend before it: ` +
      quote(`${backends[0] ?? DEFAULT_BACKEND}${SEPARATOR}${id}`);
    return { fault: `Cannot be ${quote(id)}: no backend is named ${quote(backend)}; ${way}` };
  }
  return { ref: { id, backend, model } };
}

/** The loop guard: as an upstream's model, an alias of ours would have the gateway ask itself. */
export function aliasFault(id: string): string | undefined {
  const isAlias = id.startsWith("fusion/") || split(id).model.startsWith("fusion/");
  return isAlias ? `Cannot be ${quote(id)}: a profile must not ask a profile` : undefined;
}

function split(id: string): { readonly backend?: string; readonly model: string } {
  const at = id.indexOf(SEPARATOR);
  if (at < 0) return { model: id };
  return { backend: id.slice(0, at), model: id.slice(at + SEPARATOR.length) };
}

function onUnnamedBackend(id: string, backends: readonly string[]): FoundModel {
  const backend = backends.includes(DEFAULT_BACKEND) || backends.length !== 1
    ? DEFAULT_BACKEND
    : backends[0]!;
  if (backends.includes(backend)) return { ref: { id, backend, model: id } };
  const choices = backends.map((name) => quote(`${name}${SEPARATOR}${id}`)).join(" or ");
  return { fault: `Cannot be ${quote(id)}: say which backend serves it, ${choices}` };
}
