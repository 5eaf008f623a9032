import assert from "node:assert/strict";
import { findModel } from "../../../src/config/model_ref.ts";

Deno.test("findModel() gives an id without a backend to default, or to the only one", () => {
  const ref = { id: "m", backend: "default", model: "m" };
  assert.deepEqual(findModel("m", ["default"]), { ref });
  assert.deepEqual(findModel("m", ["other", "default"]), { ref });
  assert.deepEqual(findModel("m", ["other"]), { ref: { ...ref, backend: "other" } });
});

Deno.test("findModel() splits at the first separator", () => {
  assert.deepEqual(findModel("gpu::meta::llama:8b", ["default", "gpu"]), {
    ref: { id: "gpu::meta::llama:8b", backend: "gpu", model: "meta::llama:8b" },
  });
});

Deno.test("findModel() asks which backend where no rule decides", () => {
  assert.deepEqual(findModel("m", ["a", "b"]), {
    fault: 'Cannot be "m": say which backend serves it, "a::m" or "b::m"',
  });
});

Deno.test("findModel() explains an unknown backend, for the id may hold the separator itself", () => {
  assert.deepEqual(findModel("meta::llama", ["gpu", "default"]), {
    fault: 'Cannot be "meta::llama": no backend is named "meta"; if "::" is part of the model\'s ' +
      'id, put the backend before it: "gpu::meta::llama"',
  });
});

Deno.test("findModel() refuses an alias of ours on any backend, and an empty model", () => {
  for (const id of ["fusion/p", "gpu::fusion/p", "fusion/gpu::p"]) {
    assert.deepEqual(findModel(id, ["gpu", "default"]), {
      fault: `Cannot be "${id}": a profile must not ask a profile`,
    });
  }
  assert.deepEqual(findModel("gpu::", ["gpu"]), {
    fault: 'Cannot be "gpu::": no model follows the "::"',
  });
});
