/**
 * What a client writes into its headers stays at the door: an upstream gets those that the gateway
 * writes itself, whichever way a request goes.
 * @module
 */
import assert from "node:assert/strict";
import { startSimulation } from "../../src/simulation/simulation.ts";
import { served } from "../support/door.ts";
import { gatewayBefore } from "../support/gateway_before.ts";

const HOSTILE: Readonly<Record<string, string>> = {
  // Another's identity, key and address.
  authorization: "Bearer client-key",
  "x-api-key": "client-secret",
  "api-key": "client-secret",
  "openai-organization": "org-client",
  "openai-project": "proj-client",
  cookie: "session=client",
  forwarded: "for=10.0.0.1;host=internal",
  "x-forwarded-for": "10.0.0.1",
  "x-forwarded-host": "internal",
  "x-forwarded-proto": "https",
  "x-real-ip": "10.0.0.1",
  origin: "https://client.example",
  referer: "https://client.example/",
  // What this gateway says of itself, and what others of the kind do.
  "x-tutti-model": "other",
  "x-tutti-profile": "other",
  "x-fusion-route": "single",
  "x-fusion-outcome": "fused",
  "x-request-id": "clients-own",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "x-ratelimit-limit-requests": "1",
  // Hop by hop (RFC 9110, 7.6.1), and those that it names.
  connection: "close, x-named",
  "x-named": "client",
  "keep-alive": "timeout=99",
  te: "trailers",
  trailer: "x-after",
  "proxy-authorization": "Basic client",
  "proxy-connection": "keep-alive",
  // What would have the upstream read or write in another way.
  "accept-encoding": "gzip",
  "accept-language": "tlh",
  "user-agent": "client/1",
  range: "bytes=0-1",
  "x-http-method-override": "DELETE",
};

/** All that an upstream may see, and what of. */
const WRITTEN: Readonly<Record<string, RegExp>> = {
  accept: /^\*\/\*$/,
  "accept-encoding": /^identity$/,
  "accept-language": /^\*$/,
  authorization: /^Bearer upstream-key$/,
  "content-length": /^\d+$/,
  "content-type": /^application\/json$/,
  host: /^127\.0\.0\.1:\d+$/,
  "user-agent": /^Deno\//,
  "x-tutti-depth": /^1$/,
};

const TOML = `
[server]
passthrough = ["passed"]
[[profiles]]
name = "test"
panel = { members = ["a", "b"] }
aggregator = { judge = "judge", synthesizer = "synth" }
[profiles.router]
policy = "classifier"
classifier_model = "router"
threshold = 0.0
`;

/** A request as bytes, for `fetch` does not send every header; gives the answer's status line. */
async function post(url: string, path: string, headers: Readonly<Record<string, string>>) {
  const { hostname, port, host } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const model = path.endsWith("embeddings") ? "passed" : "fusion/test";
  const body = JSON.stringify({
    model,
    input: "Hi",
    ...(path.endsWith("completions") && { messages: [{ role: "user", content: "Hi" }] }),
  });
  const fields = Object.entries({ host, ...headers, "content-length": String(body.length) })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  await connection.write(
    new TextEncoder().encode(`POST ${path} HTTP/1.1\r\n${fields.join("")}\r\n${body}`),
  );
  let answer = "";
  for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) answer += text;
  return answer;
}

Deno.test("no header of a client reaches an upstream, whichever way its request goes", async () => {
  await using simulation = await startSimulation({});
  const seen: { path: string; model: string; headers: Record<string, string> }[] = [];
  await using recorder = served({
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      const body = await request.text();
      const { model } = JSON.parse(body);
      seen.push({ path, model, headers: Object.fromEntries(request.headers) });
      const url = new URL(path, simulation.url);
      return await fetch(url, { method: "POST", body });
    },
  });
  await using house = await gatewayBefore(`${recorder.url}/v1`, {
    toml: TOML,
    upstreamKey: "upstream-key",
    clientKey: "client-key",
  });

  for (const path of ["/v1/chat/completions", "/v1/responses", "/v1/embeddings"]) {
    const answer = await post(house.url, path, HOSTILE);
    assert.match(answer, /^HTTP\/1\.1 200 /, answer.slice(0, 500));
  }
  assert.deepEqual(
    [...new Set(seen.map(({ model }) => model))].sort(),
    ["a", "b", "judge", "passed", "router", "synth"],
    "every kind of call is made",
  );
  for (const { model, headers } of seen) {
    for (const [name, value] of Object.entries(headers)) {
      assert.match(value, WRITTEN[name] ?? /^(?!)/, `${model} was sent ${name}: ${value}`);
    }
    for (const name of ["authorization", "x-tutti-depth"]) assert.ok(headers[name], name);
  }
});

Deno.test("x-tutti-depth stops a recursion, whatever it says, and does nothing else", async () => {
  await using simulation = await startSimulation({});
  await using house = await gatewayBefore(simulation.url, { toml: TOML });
  for (const depth of ["0", "1", "-1", "many"]) {
    const headers = { "x-tutti-depth": depth, connection: "close" };
    const answer = await post(house.url, "/v1/chat/completions", headers);
    assert.match(answer, /^HTTP\/1\.1 400 [^]*"code":"recursion_refused"/);
  }
  assert.equal(simulation.requests.length, 0);
  // Whoever only looks calls nobody.
  const health = await fetch(`${house.url}/healthz`, { headers: { "x-tutti-depth": "1" } });
  assert.equal(health.status, 200);
  await health.body?.cancel();
});
