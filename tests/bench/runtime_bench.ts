/**
 * What the runtime costs: an ask there and back, an item over a credit stream, a call to an upstream
 * beside a bare fetch. Prints the processor time of each (which `Deno.bench` does not know), all
 * threads counted, the far end too, with many under way.
 *
 * `deno run --allow-net --allow-read tests/bench/runtime_bench.ts`
 * @module
 */
import process from "node:process";
import * as z from "zod";
import { type PanelAnswer, type PanelAsk, panelProtocol } from "../../src/protocol/panel.ts";
import type { Spent } from "../../src/protocol/upstreams.ts";
import { ActorRef, type Host } from "../../src/runtime/actor_ref.ts";
import { defineActor } from "../../src/runtime/actor.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { CreditReader, CreditWriter } from "../../src/runtime/credit_stream.ts";
import { spawnInThread, spawnWorker } from "../../src/runtime/spawn.ts";
import { serveAsWorker } from "../../src/runtime/worker_scope.ts";
import { UpstreamClient } from "../../src/upstream/client.ts";

/** As long as a usual answer. */
const TEXT = "x".repeat(1_000);
const USAGE = { promptTokens: 9, completionTokens: 9, cachedTokens: 0, reasoningTokens: 0 };
const CALL = {
  backend: "b",
  model: "m",
  messages: JSON.stringify([{ role: "user", content: TEXT }]),
  params: { temperature: 1 },
  droppable: ["temperature"],
  timeoutAt: 9e15,
};

/** Speaks as a panel member does, and calls nobody; writes `MANY` deltas to a port it is given. */
const actor = defineActor({
  protocol: { ...panelProtocol, start: z.null() },
  open: () => async (_, { port }) => {
    if (port) {
      const writer = new CreditWriter<unknown>(port);
      for (let at = 0; at < MANY; at++) await writer.write([DELTA]);
      writer.end();
    }
    return { text: TEXT, finishReason: "stop", usage: USAGE };
  },
});
serveAsWorker(actor);

const MANY = 1_000;
const DELTA = { choices: [{ index: 0, delta: { content: " word" }, finish_reason: null }] };
const clock = systemClock();

class Asker {
  readonly ready: Promise<void>;
  readonly #ref: ActorRef<null, PanelAsk, PanelAnswer, Spent>;
  #asks = 0;

  constructor(host: Host) {
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.#ref = new ActorRef({ ...panelProtocol, start: z.null() }, host, {
      start: null,
      clock,
      heartbeatMs: 1_000,
      onReady: ready.resolve,
      onDown: () => {},
    });
  }

  ask(port?: MessagePort): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#ref.ask(`run.ask${this.#asks++}`, { call: CALL }, {
        deadlineAt: CALL.timeoutAt,
        ...(port ? { port } : {}),
        onTerminal: ({ type }) => type === "answered" ? resolve() : reject(new Error(type)),
      })
    );
  }

  /** One ask that streams `MANY` items. */
  async stream(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const reader = new CreditReader<unknown>({ parse: (item) => item });
    reader.attach(port1);
    const asked = this.ask(port2);
    reader.end();
    for await (const _ of reader.stream);
    await asked;
  }

  stop(): void {
    this.#ref.stop();
  }
}

const hosts: Record<string, () => Host> = {
  "in this thread": () => spawnInThread(actor),
  "in a worker": () => spawnWorker(new URL(import.meta.url), { name: "bench", net: [] }),
};

interface Bench {
  readonly name: string;
  readonly work: () => Promise<unknown>;
  /** Times that `work` does it. */
  readonly times: number;
}

/** Everything that is measured; `stop` ends what it stands on. */
async function prepare(): Promise<{ benches: Bench[]; stop: () => Promise<void> }> {
  const benches: Bench[] = [];
  const stops: (() => unknown)[] = [];
  for (const [where, host] of Object.entries(hosts)) {
    const asker = new Asker(host());
    await asker.ready;
    stops.push(() => asker.stop());
    benches.push({ name: `ask ${where}`, work: () => asker.ask(), times: 1 });
    benches.push({ name: `item from ${where}`, work: () => asker.stream(), times: MANY });
  }

  const answer = JSON.stringify({
    choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 9 },
  });
  const json = { headers: { "content-type": "application/json" } };
  const serve = (handle: () => Response) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      await request.text();
      return handle();
    });
  const declared = serve(() => new Response(answer, json));
  const chunked = serve(() => new Response(new Blob([answer]).stream(), json));
  const { signal } = new AbortController();
  const body = `{"model":"m","temperature":1,"messages":${CALL.messages}}`;
  for (const [name, server] of [["declared", declared], ["chunked", chunked]] as const) {
    stops.push(() => server.shutdown());
    const url = `http://127.0.0.1:${server.addr.port}`;
    const client = new UpstreamClient({
      upstreams: [{ name: "b", baseUrl: url, key: "k" }],
      maxBodyBytes: 1e6,
    });
    benches.push({
      name: `bare fetch and JSON.parse, ${name} body`,
      work: async () => JSON.parse(await (await fetch(url, { method: "POST", body })).text()),
      times: 1,
    });
    benches.push({
      name: `UpstreamClient.complete(), ${name} body`,
      work: () => client.complete(CALL, { clock, signal }),
      times: 1,
    });
  }
  return { benches, stop: async () => void await Promise.all(stops.map((stop) => stop())) };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Processor time of one, in microseconds, with `inFlight` under way. */
async function cpuUsEach({ work, times }: Bench, { inFlight, forMs }: {
  inFlight: number;
  forMs: number;
}): Promise<number> {
  let done = 0;
  const until = performance.now() + forMs;
  const began = cpuMs();
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < until) {
      await work();
      done += times;
    }
  }));
  return (cpuMs() - began) * 1000 / done;
}

if (import.meta.main && !("DedicatedWorkerGlobalScope" in globalThis)) {
  const { benches, stop } = await prepare();
  for (const bench of benches) {
    const inFlight = bench.times > 1 ? 4 : 32;
    await cpuUsEach(bench, { inFlight, forMs: 500 });
    const us = await cpuUsEach(bench, { inFlight, forMs: 1_500 });
    // deno-lint-ignore no-console
    console.log(`${bench.name.padEnd(48)} ${us.toFixed(1).padStart(8)} µs CPU`);
  }
  await stop();
}
