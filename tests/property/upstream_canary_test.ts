import assert from "node:assert/strict";
import fc from "fast-check";
import { FailureError, failureSchema } from "../../src/protocol/failure.ts";
import { settled } from "../support/fake_clock.ts";
import { chunked, head, http, LAST_CHUNK, RawUpstream, SSE_HEAD } from "../support/raw_upstream.ts";
import { Caller, callOf } from "../support/upstream_calls.ts";

/** Stands for a key, a prompt and what an upstream repeats of them. */
const CANARY = "sk-Canary-7f3a";

const json = fc.oneof(
  fc.constantFrom(
    { error: { message: CANARY, type: CANARY, param: CANARY, code: CANARY } },
    { error: CANARY, code: CANARY },
    { object: "error", message: CANARY, code: CANARY },
    { detail: [{ loc: ["body", CANARY], msg: CANARY, input: CANARY }] },
    { choices: [{ message: { content: { [CANARY]: CANARY } } }] },
    { choices: CANARY },
    { [CANARY]: CANARY },
  ).map((body) => JSON.stringify(body)),
  fc.constant(CANARY),
  fc.constant(`{"choices":[{"message":{"content":"${CANARY}`),
  fc.json().map((text) => `${text}${CANARY}`),
);

const status = fc.constantFrom(200, 204, 302, 400, 401, 403, 404, 408, 413, 422, 429, 500, 503);
const said = { "x-said": CANARY, "retry-after": CANARY, location: `http://${CANARY}/` };

/** What an upstream writes before it closes the connection. */
const bytes: fc.Arbitrary<(string | Uint8Array)[]> = fc.oneof(
  fc.tuple(json, status).map(([body, status]) => [http(body, { status, headers: said })]),
  json.map((body) => [`HTTP/1.1 400 ${CANARY}\r\nx: ${CANARY}\r\n\r\n`, body]),
  json.map((body) => [head({ "transfer-encoding": "chunked" }), chunked(body), LAST_CHUNK]),
  fc.array(json).map((events) => [
    SSE_HEAD,
    ...events.map((data) => chunked(`event: ${CANARY}\nid: ${CANARY}\ndata: ${data}\n\n`)),
    LAST_CHUNK,
  ]),
  fc.uint8Array({ maxLength: 200 }).map((garbage) => [CANARY, garbage]),
  fc.uint8Array({ maxLength: 200 }).map((
    garbage,
  ) => [head({ "content-length": "300" }), garbage, CANARY]),
);

Deno.test("no failure of a call holds anything of what the upstream wrote, or of key and prompt", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (pieces, streamed) => {
      await using upstream = new RawUpstream(async (to) => {
        for (const piece of pieces) await to.write(piece);
        to.close();
      });
      const { client, clock } = new Caller(upstream.baseUrl, { key: CANARY });
      const call = callOf({
        messages: JSON.stringify([{ role: "user", content: CANARY }]),
        params: { user: CANARY, temperature: 1 },
        droppable: ["temperature"],
      });
      const options = { clock, signal: new AbortController().signal };
      let failed: unknown;
      try {
        if (streamed) await client.stream(call, { ...options, onChunks: async () => {} });
        else await client.complete(call, options);
        return;
      } catch (error) {
        failed = error;
      }
      assert.ok(failed instanceof FailureError, String(failed));
      failureSchema.parse(failed.failure);
      const told = JSON.stringify([failed.failure, failed.partial, failed.message, failed.cause]);
      for (const part of CANARY.split("-")) {
        assert.equal(told.toLowerCase().includes(part.toLowerCase()), false, told);
      }
      await settled(1);
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 200 },
  );
});
