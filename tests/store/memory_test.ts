import { memoryBackend } from "../../src/store/memory_backend.ts";
import { backendContract, type EmptyStore } from "./backend_contract.ts";

backendContract("memoryBackend()", {
  ground: () => Promise.resolve({ empty, [Symbol.asyncDispose]: () => Promise.resolve() }),
  hasLedger: false,
  runs: 300,
});

function empty(): Promise<EmptyStore> {
  return Promise.resolve({
    open: (_id, { clock }) => Promise.resolve(memoryBackend(clock)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
