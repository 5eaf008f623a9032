import assert from "node:assert/strict";
import { Admission, type AdmissionLimits, type Permit } from "../../../src/gate/admission.ts";
import { type Refusal, Refused, type ShedReason } from "../../../src/gate/refusal.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function house(limits: Partial<AdmissionLimits> = {}) {
  const clock = new ManualClock();
  const sheds: ShedReason[] = [];
  const admission = new Admission(
    { maxConcurrentRequests: 1, queueLimit: 2, queueTimeoutMs: 1_000, ...limits },
    { clock, onShed: (reason) => sheds.push(reason) },
  );
  return { admission, clock, sheds };
}

async function refusalOf(entering: Promise<Permit>): Promise<Refusal> {
  const error = await entering.then(() => assert.fail("was let in"), (error) => error);
  assert.ok(error instanceof Refused);
  return error.refusal;
}

Deno.test("Admission lets in as many as there are permits and counts them", async () => {
  const { admission } = house({ maxConcurrentRequests: 2 });
  const first = await admission.enter();
  await admission.enter();
  assert.equal(admission.inFlight, 2);
  first[Symbol.dispose]();
  assert.equal(admission.inFlight, 1);
});

Deno.test("Admission gives a permit back once, however often it is disposed", async () => {
  const { admission } = house({ maxConcurrentRequests: 2 });
  const first = await admission.enter();
  await admission.enter();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(admission.inFlight, 1);
});

Deno.test("Admission serves who waits in order of arrival, before any newcomer", async () => {
  const { admission } = house();
  const permit = await admission.enter();
  const order: string[] = [];
  const enter = (name: string) => admission.enter().then((own) => (order.push(name), own));
  const first = enter("first");
  const second = enter("second");
  assert.equal(admission.queueDepth, 2);
  permit[Symbol.dispose]();
  const newcomer = admission.enter();
  (await first)[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  (await newcomer)[Symbol.dispose]();
  assert.deepEqual(order, ["first", "second"]);
  assert.equal(admission.inFlight, 0);
});

Deno.test("Admission sheds a newcomer when the queue is full", async () => {
  const { admission, sheds } = house({ queueLimit: 1 });
  using _permit = await admission.enter();
  const waiting = admission.enter();
  assert.equal(admission.closedBecause, "queue_full");
  assert.throws(() => admission.ensureOpen(), Refused);
  const refusal = await refusalOf(admission.enter());
  assert.deepEqual(refusal, { type: "shed", reason: "queue_full", retryAfterMs: 1_000 });
  assert.deepEqual(sheds, ["queue_full", "queue_full"]);
  _permit[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
});

Deno.test("Admission sheds at once where nobody may wait", async () => {
  const { admission } = house({ queueLimit: 0 });
  using _permit = await admission.enter();
  assert.equal((await refusalOf(admission.enter())).type, "shed");
});

Deno.test("Admission sheds who has waited for the whole queue time", async () => {
  const { admission, clock, sheds } = house();
  using _permit = await admission.enter();
  const refused = refusalOf(admission.enter());
  clock.advance(999);
  assert.equal(admission.queueDepth, 1);
  clock.advance(1);
  const refusal = await refused;
  assert.equal(refusal.type === "shed" && refusal.reason, "queue_timeout");
  assert.deepEqual(sheds, ["queue_timeout"]);
  assert.equal(admission.queueDepth, 0);
});

Deno.test("Admission answers deadline_exceeded when the request's deadline ends the wait", async () => {
  const { admission, clock, sheds } = house();
  using _permit = await admission.enter();
  const refused = refusalOf(admission.enter({ deadlineAt: clock.now() + 200 }));
  clock.advance(200);
  assert.equal((await refused).type, "deadline_exceeded");
  assert.deepEqual(sheds, []);
});

Deno.test("Admission forgets a client that leaves the queue and serves the next", async () => {
  const { admission, clock } = house();
  const permit = await admission.enter();
  const leaving = new AbortController();
  const gone = refusalOf(admission.enter({ signal: leaving.signal }));
  const next = admission.enter();
  leaving.abort();
  assert.equal((await gone).type, "client_left");
  assert.equal(admission.queueDepth, 1);
  permit[Symbol.dispose]();
  (await next)[Symbol.dispose]();
  assert.equal(clock.pending, 0);
});

Deno.test("Admission does not queue a client that has already left", async () => {
  const { admission } = house();
  using _permit = await admission.enter();
  const refusal = await refusalOf(admission.enter({ signal: AbortSignal.abort() }));
  assert.equal(refusal.type, "client_left");
  assert.equal(admission.queueDepth, 0);
});

Deno.test("drain() sheds the queue and newcomers and resolves with the last permit", async () => {
  const { admission, sheds } = house();
  const permit = await admission.enter();
  const waiting = refusalOf(admission.enter());
  let isDrained = false;
  const drained = admission.drain().then(() => isDrained = true);
  const refusals = [await waiting, await refusalOf(admission.enter())];
  assert.deepEqual(
    refusals.map((refusal) => refusal.type === "shed" && refusal.reason),
    ["shutting_down", "shutting_down"],
  );
  assert.deepEqual(sheds, ["shutting_down", "shutting_down"]);
  assert.equal(isDrained, false);
  permit[Symbol.dispose]();
  await drained;
  await admission.drain();
});

Deno.test("drain() of an empty house resolves at once", async () => {
  await house().admission.drain();
});

Deno.test("Admission lets in no more upstream calls than all may have, in order of arrival", async () => {
  const { admission } = house({ maxConcurrentRequests: 9, maxUpstreamCalls: 10 });
  const first = await admission.enter({ calls: 5 });
  const second = await admission.enter({ calls: 4 });
  const large = admission.enter({ calls: 5 });
  const small = admission.enter({ calls: 1 });
  assert.equal(admission.queueDepth, 2, "who is small does not slip past");
  second[Symbol.dispose]();
  const permits = [first, await large];
  assert.equal(admission.callsInUse, 10);
  first[Symbol.dispose]();
  permits.push(await small);
  for (const permit of permits) permit[Symbol.dispose]();
  assert.deepEqual([admission.inFlight, admission.callsInUse], [0, 0]);
});

Deno.test("Admission sheds the newest whose calls do not fit when the queue is full", async () => {
  const { admission, sheds } = house({
    maxConcurrentRequests: 9,
    maxUpstreamCalls: 5,
    queueLimit: 0,
  });
  using _permit = await admission.enter({ calls: 4 });
  assert.equal((await refusalOf(admission.enter({ calls: 2 }))).type, "shed");
  assert.deepEqual(sheds, ["queue_full"]);
  using _small = await admission.enter({ calls: 1 });
  assert.equal(admission.closedBecause, "queue_full");
});

Deno.test("Admission lets in who is larger than the limit, alone", async () => {
  const { admission } = house({ maxConcurrentRequests: 9, maxUpstreamCalls: 5 });
  const permit = await admission.enter({ calls: 8 });
  assert.equal(admission.callsInUse, 5);
  permit[Symbol.dispose]();
  assert.equal(admission.callsInUse, 0);
});

Deno.test("Admission serves who fits when the one before him gives up waiting", async () => {
  const { admission } = house({ maxConcurrentRequests: 9, maxUpstreamCalls: 5 });
  using _permit = await admission.enter({ calls: 3 });
  const leaving = new AbortController();
  const large = refusalOf(admission.enter({ calls: 4, signal: leaving.signal }));
  const small = admission.enter({ calls: 2 });
  leaving.abort();
  assert.equal((await large).type, "client_left");
  (await small)[Symbol.dispose]();
});
