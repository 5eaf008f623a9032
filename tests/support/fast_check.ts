/**
 * Fast-check with a fixed seed: what the import map gives every test as `fast-check`. The same cases
 * are tried on every run, so a red run means a changed program; `FAST_CHECK_SEED=7 deno task test`
 * tries others. A failure prints its seed and path, which go into `fc.assert`'s options.
 * @module
 */
import fc from "npm-fast-check";

const DEFAULT_SEED = 20_251_122;

fc.configureGlobal({ seed: Number(Deno.env.get("FAST_CHECK_SEED") ?? DEFAULT_SEED) });

export * from "npm-fast-check";
export default fc;
