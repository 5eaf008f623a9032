/**
 * Model slots: every place of the configuration file that names a model.
 * @module
 */
import type { Path } from "./key_path.ts";
import type { FileConfig } from "./schema.ts";
import type { Draft } from "./schema_walk.ts";

export interface ModelSlot {
  readonly path: Path;
  readonly id: string;
}

/** Every place of the file that names a model. */
export function modelSlots(file: Draft<FileConfig>): ModelSlot[] {
  const slots: { path: Path; id: string | undefined }[] = [];
  for (const [index, profile] of (file.profiles ?? []).entries()) {
    const at = ["profiles", index];
    slots.push(
      { path: [...at, "router", "single_model"], id: profile?.router?.single_model },
      { path: [...at, "router", "single_fallback"], id: profile?.router?.single_fallback },
      { path: [...at, "router", "classifier_model"], id: profile?.router?.classifier_model },
    );
    for (const [place, member] of (profile?.panel?.members ?? []).entries()) {
      const path = [...at, "panel", "members", place];
      if (typeof member === "string") slots.push({ path, id: member });
      else {
        slots.push(
          { path: [...path, "model"], id: member?.model },
          { path: [...path, "fallback"], id: member?.fallback },
        );
      }
    }
    slots.push(
      { path: [...at, "aggregator", "judge"], id: profile?.aggregator?.judge },
      { path: [...at, "aggregator", "judge_fallback"], id: profile?.aggregator?.judge_fallback },
      { path: [...at, "aggregator", "synthesizer"], id: profile?.aggregator?.synthesizer },
      {
        path: [...at, "aggregator", "synthesizer_fallback"],
        id: profile?.aggregator?.synthesizer_fallback,
      },
    );
  }
  for (const [index, price] of (file.prices ?? []).entries()) {
    slots.push({ path: ["prices", index, "model"], id: price?.model });
  }
  const { passthrough } = file.server ?? {};
  for (const [place, id] of (Array.isArray(passthrough) ? passthrough : []).entries()) {
    slots.push({ path: ["server", "passthrough", place], id });
  }
  return slots.filter((slot): slot is ModelSlot => slot.id !== undefined);
}
