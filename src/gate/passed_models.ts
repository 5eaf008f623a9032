/**
 * Finds the model that a request asks for by its own id, among those that the configuration lets
 * through: as the configuration writes it, or as `backend::model`. Clients see no other.
 * @module
 */
import type { ModelRef } from "../fusion/profile.ts";
import { Refused } from "./refusal.ts";

export class PassedModels {
  readonly #byId: ReadonlyMap<string, ModelRef>;

  constructor(readonly models: readonly ModelRef[]) {
    this.#byId = new Map([
      ...models.map((each) => [`${each.backend}::${each.model}`, each] as const),
      ...models.map((each) => [each.id, each] as const),
    ]);
  }

  get(model: unknown): ModelRef | undefined {
    return typeof model === "string" ? this.#byId.get(model) : undefined;
  }

  /** @throws {Refused} `model_not_found`, with a hint at what is open to clients */
  find(model: string): ModelRef {
    const found = this.#byId.get(model);
    if (found) return found;
    throw new Refused({ type: "model_not_found", model, ...this.#hint(model) });
  }

  #hint(model: string): { readonly hint?: string } {
    if (model.startsWith("fusion/")) {
      return { hint: "it answers POST /v1/chat/completions and /v1/responses only" };
    }
    return this.models.length > 0 ? {} : {
      hint: "no model is passed through here, [server] passthrough in the configuration is off",
    };
  }
}
