/**
 * Feature: one thing that a client does with the gateway, as a test. The matrix of the tests and the
 * table in the README are both made of lists of these.
 * @module
 */
import { type House, HOUSES, POLICIES } from "./houses.ts";

export interface Feature {
  /** The table's column. */
  readonly name: "text" | "tools" | "structured" | "broken stream" | "abort" | "errors";
  /** The client's own word for it. */
  readonly by: string;
  readonly streamed: boolean;
  /** The profiles that it is tried with; each is asked for as `fusion/<profile>`. */
  readonly profiles: readonly string[];
  readonly test: (house: House, model: string) => Promise<void>;
}

export interface Client {
  /** The table's row: the npm package, and what of it. */
  readonly name: string;
  readonly features: readonly Feature[];
}

/** Every tools policy, with keepalive chunks. */
export const EVERY_POLICY: readonly string[] = POLICIES;
/** The same and keepalive comments. */
export const EVERY_STREAM: readonly string[] = [...POLICIES, "comment"];

/** Registers every feature before every house. */
export function testClient({ name, features }: Client): void {
  for (const upstream of HOUSES) {
    Deno.test(`${name} before ${upstream.name}`, async (t) => {
      await using house = await upstream.open();
      for (const { name, by, streamed, profiles, test } of features) {
        for (const profile of profiles) {
          await t.step({
            name: `${name}${streamed ? ", streamed" : ""}: ${by}, fusion/${profile}`,
            fn: () => test(house, `fusion/${profile}`),
            // The house's own work goes on under every step; the test around them looks after it.
            sanitizeOps: false,
            sanitizeResources: false,
          });
        }
      }
    });
  }
}
