/**
 * SIGTERM to `tutti start` under load: who is in flight gets the whole answer, who comes is refused,
 * who waits for a place is told so, and the process ends with 0.
 */
import assert from "node:assert/strict";
import OpenAI from "openai";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { rawChat, RawClient } from "../support/raw_client.ts";
import { StartProcess } from "../support/start_process.ts";

const PLACES = 12;
const WAITING = 3;
const ANSWER = Array.from({ length: 60 }, (_, at) => `Zürich → Genève, ${at}. 🚄`).join(" ");
const MESSAGES = [{ role: "user" as const, content: "Hello" }];

Deno.test("SIGTERM under load lets every running request end whole, refuses new ones, and ends with 0", async () => {
  const gate = Promise.withResolvers<void>();
  const folder = await Deno.makeTempDir();
  await using upstream = await startSimulation({
    // Half of them are held at the panel, the others while the answer is written.
    script: ({ model, body }) => ({
      ...(body.user === (model === "s" ? "late" : "early") && { until: gate.promise }),
      ...(model === "s" && { answer: ANSWER }),
    }),
  });
  const config = `${folder}/config.toml`;
  await Deno.writeTextFile(
    config,
    `[server]\nmax_concurrent_requests = ${PLACES}\n[backend]\nbase_url = "${upstream.url}"\n` +
      `[[profiles]]\nname = "p"\n[profiles.panel]\nmembers = ["a", "b"]\n` +
      `[profiles.aggregator]\njudge = "j"\nsynthesizer = "s"\n`,
  );
  await using gateway = new StartProcess(config);
  const url = await gateway.url();
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 });
  const ask = async (at: number) => {
    const request = { model: "fusion/p", messages: MESSAGES, user: at % 4 < 2 ? "early" : "late" };
    if (at % 2 === 0) {
      const { choices: [choice] } = await client.chat.completions.create(request);
      return [choice?.finish_reason, choice?.message.content];
    }
    let text = "";
    let finish: string | null | undefined;
    const stream = await client.chat.completions.create({ ...request, stream: true });
    for await (const { choices: [choice] } of stream) {
      text += choice?.delta.content ?? "";
      finish ??= choice?.finish_reason;
    }
    return [finish, text];
  };

  const asked = Array.from({ length: PLACES }, (_, at) => ask(at));
  const inFlight = () => {
    const count = (user: string, model: string) =>
      upstream.requests.filter((each) => each.body.user === user && each.model === model).length;
    return count("early", "b") === PLACES / 2 && count("late", "s") === PLACES / 2;
  };
  await upstream.waitFor(inFlight);
  const waiting = Array.from(
    { length: WAITING },
    () =>
      client.chat.completions.create({ model: "fusion/p", messages: MESSAGES }).catch((error) =>
        error
      ),
  );
  using idle = await RawClient.connect(url);
  await idle.write("GET /healthz HTTP/1.1\r\nhost: tutti\r\n\r\n");
  await idle.see(/"ok"/);
  for (let text = ""; !text.includes(`tutti_queue_depth ${WAITING}\n`);) {
    text = await (await fetch(`${url}/metrics`)).text();
  }

  gateway.signal("SIGTERM");
  await gateway.said(/shutting down/);
  for (const error of await Promise.all(waiting)) {
    assert.deepEqual([error.status, error.code], [503, "overloaded"]);
  }
  await assert.rejects(fetch(`${url}/v1/models`), TypeError);
  await idle.write(rawChat({ model: "fusion/p", messages: MESSAGES }));
  assert.equal((await idle.seeEnd()).match(/HTTP\/1\.1 /g)?.length, 1);

  gate.resolve();
  assert.deepEqual(await Promise.all(asked), Array(PLACES).fill(["stop", ANSWER]));
  assert.equal(await gateway.end(), 0);
  assert.equal(upstream.totals.open, 0);
  assert.equal(upstream.totals.ended.completed, PLACES * 4);
  await Deno.remove(folder, { recursive: true });
});
