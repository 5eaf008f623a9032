import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Validator } from "openapi-validator";
import { openapiDocument } from "../../src/http/openapi.ts";
import { profile } from "../support/scripted_run.ts";
import { CHAT, chat, door, scripted } from "../support/door.ts";
import { until } from "../support/until.ts";

const KEY = "tutti-0123456789abcdef";
const clientKeys = [
  { name: "other", sha256: "00".repeat(32) },
  { name: "team", sha256: createHash("sha256").update(KEY).digest("hex") },
];

Deno.test("auth lets in who presents a configured key and nobody else", async () => {
  const { app, lines } = door({ clientKeys });
  const ask = (authorization?: string) =>
    app.request(CHAT, { ...chat(), headers: authorization === undefined ? {} : { authorization } });
  assert.equal((await ask(`Bearer ${KEY}`)).status, 200);
  assert.match(lines.join(), / client=team /);
  assert.equal((await ask(`bearer  ${KEY} `)).status, 200);
  for (const wrong of [undefined, "", KEY, "Bearer", `Bearer x${KEY}`, `Basic ${KEY}`]) {
    const response = await ask(wrong);
    assert.equal(response.status, 401, `${wrong}`);
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
    const { error } = await response.json();
    assert.equal(error.code, "invalid_api_key");
    assert.equal(error.type, "invalid_request_error");
    assert.doesNotMatch(error.message, new RegExp(KEY));
  }
  assert.doesNotMatch(lines.join(), new RegExp(KEY));
});

Deno.test("auth guards all of /v1 and leaves health, metrics and description open", async () => {
  const { app } = door({ clientKeys });
  for (const path of ["/v1/models", "/v1/models/fusion/default", "/v1/nothing"]) {
    assert.equal((await app.request(path)).status, 401, path);
  }
  for (const path of ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"]) {
    const response = await app.request(path);
    assert.equal(response.status, 200, path);
    await response.body?.cancel();
  }
});

Deno.test("auth lets everybody in where no key is configured, key or not", async () => {
  const { app } = door();
  const headers = { authorization: "Bearer whatever" };
  assert.equal((await app.request(CHAT, { ...chat(), headers })).status, 200);
});

Deno.test("every response has an x-request-id, the client's own where it is sane", async () => {
  const { app } = door({ clientKeys, server: { corsOrigins: ["https://a.example"] } });
  const requests: [string, RequestInit][] = [
    ["/healthz", {}],
    ["/nowhere", {}],
    ["/v1/nowhere", {}],
    [CHAT, { method: "GET", headers: { authorization: `Bearer ${KEY}` } }],
    [CHAT, chat()],
    [CHAT, { method: "OPTIONS", headers: { origin: "https://a.example" } }],
  ];
  for (const [path, init] of requests) {
    assert.match((await app.request(path, init)).headers.get("x-request-id") ?? "", /^id-\d+$/);
    const own = { ...init, headers: { ...init.headers as object, "x-request-id": "a.b:c_d-1" } };
    assert.equal((await app.request(path, own)).headers.get("x-request-id"), "a.b:c_d-1");
    for (const bad of ["two words", "x".repeat(129), "a;b"]) {
      const odd = { ...init, headers: { ...init.headers as object, "x-request-id": bad } };
      assert.match((await app.request(path, odd)).headers.get("x-request-id") ?? "", /^id-\d+$/);
    }
  }
});

Deno.test("models lists every alias and gives each, its slash escaped or plain", async () => {
  const { app } = door({ profiles: [profile(), profile({ name: "fast" })] });
  const list = await (await app.request("/v1/models")).json();
  assert.equal(list.object, "list");
  assert.deepEqual(list.data[1], {
    id: "fusion/fast",
    object: "model",
    created: 1_800_000_000,
    owned_by: "tutti",
  });
  assert.equal(list.data.length, 2);
  for (const id of ["fusion/fast", "fusion%2Ffast"]) {
    const response = await app.request(`/v1/models/${id}`);
    assert.deepEqual(await response.json(), list.data[1]);
  }
  const inMode = await (await app.request("/v1/models/fusion/fast:vote")).json();
  assert.equal(inMode.id, "fusion/fast:vote");
  for (const id of ["gpt-4o", "fusion/fast:best"]) {
    const unknown = await app.request(`/v1/models/${id}`);
    assert.equal(unknown.status, 404);
    assert.equal((await unknown.json()).error.code, "model_not_found");
  }
});

Deno.test("a known path answers another method with 405 and what it allows", async () => {
  const { app } = door();
  const wrong = [
    ["GET", CHAT, "POST"],
    ["DELETE", CHAT, "POST"],
    ["OPTIONS", CHAT, "POST"],
    ["POST", "/v1/models", "GET, HEAD"],
    ["PUT", "/healthz", "GET, HEAD"],
  ] as const;
  for (const [method, path, allow] of wrong) {
    const response = await app.request(path, { method });
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.equal(response.headers.get("allow"), allow);
    assert.equal((await response.json()).error.type, "invalid_request_error");
  }
  assert.equal((await app.request("/healthz", { method: "HEAD" })).status, 200);
});

Deno.test("an unknown path answers 404 in OpenAI's shape", async () => {
  const { app } = door();
  for (const path of ["/", "/v1", "/v1/chat/completions/", "/v1/audio/speech", "/%00", "//"]) {
    const response = await app.request(path, { method: "POST" });
    assert.equal(response.status, 404, path);
    const { error } = await response.json();
    assert.deepEqual(Object.keys(error), ["message", "type", "param", "code"]);
  }
});

Deno.test("readyz answers 200 only while a request could be served", async () => {
  const reasons: string[] = [];
  const { run, app, admission, started } = scripted({
    readiness: () => ({ ready: reasons.length === 0, reasons }),
    limits: { maxConcurrentRequests: 1, queueLimit: 0 },
  });
  const ready = async () => {
    const response = await app.request("/readyz");
    return [response.status, (await response.json()).reasons];
  };
  assert.deepEqual(await ready(), [200, undefined]);
  reasons.push("workers unavailable");
  assert.deepEqual(await ready(), [503, ["workers unavailable"]]);
  reasons.pop();
  const served = app.request(CHAT, chat());
  await until(() => started.length > 0);
  assert.deepEqual(await ready(), [503, ["queue_full"]]);
  run.end();
  await served;
  assert.deepEqual(await ready(), [200, undefined]);
  await admission.drain();
  assert.deepEqual(await ready(), [503, ["shutting_down"]]);
  assert.equal((await app.request("/healthz")).status, 200);
});

Deno.test("metrics shows how busy the door is", async () => {
  const { run, app, started } = scripted();
  const served = app.request(CHAT, chat());
  await until(() => started.length > 0);
  const response = await app.request("/metrics");
  assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^tutti_in_flight 1$/m);
  run.end();
  await served;
});

Deno.test("cors answers configured origins, preflight included, before any key is asked for", async () => {
  const { app } = door({ clientKeys, server: { corsOrigins: ["https://a.example"] } });
  const preflight = (origin: string) =>
    app.request(CHAT, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, x-stainless-os",
      },
    });
  const allowed = await preflight("https://a.example");
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://a.example");
  assert.match(allowed.headers.get("access-control-allow-headers")!, /x-stainless-os/);
  assert.match(allowed.headers.get("access-control-allow-methods")!, /POST/);
  const other = await preflight("https://b.example");
  assert.equal(other.headers.get("access-control-allow-origin"), null);

  const headers = { origin: "https://a.example", authorization: `Bearer ${KEY}` };
  for (const init of [{ ...chat(), headers }, { ...chat({ n: 0 }), headers }]) {
    const response = await app.request(CHAT, init);
    assert.equal(response.headers.get("access-control-allow-origin"), "https://a.example");
    assert.match(response.headers.get("access-control-expose-headers")!, /x-request-id/);
    assert.match(response.headers.get("vary")!, /Origin/);
  }
});

Deno.test("cors answers nobody where no origin is configured", async () => {
  const { app } = door();
  const headers = { origin: "https://a.example" };
  const response = await app.request(CHAT, { ...chat(), headers });
  assert.equal(response.headers.get("access-control-allow-origin"), null);
});

Deno.test("openapi.json is a valid OpenAPI 3.1 document of the routes that are served", async () => {
  const { app } = door();
  const document = await (await app.request("/openapi.json")).json();
  const { valid, errors } = await new Validator().validate(document);
  assert.equal(valid, true, JSON.stringify(errors));
  const served = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{.+\})?/, "{$1}")}`);
  const described = Object.entries(openapiDocument("1").paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assert.deepEqual(described.sort(), served.sort());
});

Deno.test("docs shows every operation and schema on a page that loads nothing", async () => {
  const response = await door().app.request("/docs");
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(response.headers.get("content-security-policy")!, /default-src 'none'/);
  const page = await response.text();
  assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|https?:\/\//);
  const { paths, components } = openapiDocument("1");
  const ids = new Set(Array.from(page.matchAll(/ id="([^"]+)"/g), (match) => match[1]!));
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    assert.ok(ids.has((operation as { operationId: string }).operationId));
  }
  for (const name of Object.keys(components.schemas)) assert.ok(ids.has(`schema-${name}`), name);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.has(target!), target!);
});
