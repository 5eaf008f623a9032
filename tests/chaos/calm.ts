/**
 * Calm: clean requests of each kind, before and after the storm. What comes of them must be the same.
 * @module
 */
import { send } from "./chaos_client.ts";
import type { House } from "./house.ts";

const MODELS = ["fusion/trio", "fusion/quint", "fusion/sorted"];

/** Each kind of request with what came of it; `round` is new for each call. */
export async function calm({ gateway, witness }: House, round: string): Promise<string[]> {
  const found: string[] = [];
  for (const model of MODELS) {
    for (const stream of [false, true]) {
      const id = `calm-${round}-${model.replace("/", "-")}-${stream}`;
      const manner = { type: "stays" } as const;
      const { end } = await send(gateway.url, { id, model, stream, key: "wide", manner });
      const outcome = witness.ends.get(id)?.[0]?.run?.outcome;
      found.push(`${model}${stream ? " streamed" : ""}: ${end.type}, ${outcome}`);
    }
  }
  return found;
}
