/**
 * Lets the event loop turn until something is so: for what a test cannot await because nothing
 * announces it.
 * @module
 */
import assert from "node:assert/strict";

const MAX_TURNS = 2_000;

export async function until(holds: () => boolean, what = "the condition"): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn === MAX_TURNS) assert.fail(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
