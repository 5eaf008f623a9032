import { memoryBackend } from "../../src/store/memory_backend.ts";
import { backendContract } from "./backend_contract.ts";

backendContract("memoryBackend()", {
  empty: () =>
    Promise.resolve({
      open: (_id, { clock }) => Promise.resolve(memoryBackend(clock)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  hasLedger: false,
  runs: 300,
});
