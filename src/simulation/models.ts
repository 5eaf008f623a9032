/**
 * Models: who answers to which name. A name that is not configured is answered by a model of its own
 * with the default settings, so that a dry run works with the user's own names.
 * @module
 */
import {
  type Model,
  type ModelSettings,
  resolveModel,
  type SimulatedModel,
} from "./simulated_model.ts";

export interface ModelsOptions {
  readonly models: readonly SimulatedModel[];
  /** For what a model leaves open, and for names that are not configured. */
  readonly defaults: ModelSettings;
  /** Answer names that are not configured with 404. */
  readonly strict: boolean;
}

export class Models {
  readonly #known = new Map<string, Model>();
  readonly #requests = new Map<string, number>();
  readonly #options: ModelsOptions;

  constructor(options: ModelsOptions) {
    this.#options = options;
    for (const model of options.models) {
      this.#known.set(model.name, resolveModel(model, options.defaults));
    }
  }

  /** Names of the configured models and of those that were asked. */
  get names(): string[] {
    return [...this.#known.keys()];
  }

  find(name: string): Model | null {
    let model = this.#known.get(name);
    if (!model && !this.#options.strict) {
      model = resolveModel({ name }, this.#options.defaults);
      this.#known.set(name, model);
    }
    return model ?? null;
  }

  /** The number of the next request to a model: 1, 2, … */
  nextNumber(name: string): number {
    const number = (this.#requests.get(name) ?? 0) + 1;
    this.#requests.set(name, number);
    return number;
  }
}
