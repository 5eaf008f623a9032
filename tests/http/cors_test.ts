/**
 * CORS as a browser sees it: the preflight of OpenAI's clients, the answer, and the errors, which a
 * page can read only if they are marked, too.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { CHAT, chat, door } from "../support/door.ts";

const PAGE = "https://chat.example.com";
const KEY = "tutti-0123456789abcdef";
const clientKeys = [{ name: "page", sha256: createHash("sha256").update(KEY).digest("hex") }];
const server = { corsOrigins: [PAGE, "tauri://localhost"] };

/** What openai-node sends from a page. */
const CLIENT_HEADERS = [
  "authorization",
  "content-type",
  "x-stainless-arch",
  "x-stainless-lang",
  "x-stainless-os",
  "x-stainless-package-version",
  "x-stainless-retry-count",
  "x-stainless-runtime",
  "x-stainless-runtime-version",
  "x-stainless-timeout",
];

function preflight(origin: string, headers = CLIENT_HEADERS.join(",")): RequestInit {
  return {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": headers,
    },
  };
}

function listed(response: Response, header: string): string[] {
  return (response.headers.get(header) ?? "").split(",").map((each) => each.trim().toLowerCase());
}

const allowed = (response: Response) => response.headers.get("access-control-allow-origin");

Deno.test("cors lets a configured page's client through, without asking its preflight for a key", async () => {
  const { app } = door({ server, clientKeys });
  for (const origin of server.corsOrigins) {
    const response = await app.request(CHAT, preflight(origin));
    assert.equal(response.status, 204);
    assert.equal(allowed(response), origin);
    assert(listed(response, "access-control-allow-methods").includes("post"));
    const headers = listed(response, "access-control-allow-headers");
    assert.deepEqual(CLIENT_HEADERS.filter((each) => !headers.includes(each)), []);
    assert(listed(response, "vary").includes("origin"));
    assert(Number(response.headers.get("access-control-max-age")) > 0);
  }
});

Deno.test("cors gives a page its answer, streamed and not, and the headers that it may read", async () => {
  const { app } = door({ server, clientKeys });
  const headers = { origin: PAGE, authorization: `Bearer ${KEY}` };
  for (const stream of [false, true]) {
    const response = await app.request(CHAT, { ...chat({ stream }), headers });
    assert.equal(response.status, 200);
    assert.equal(allowed(response), PAGE);
    const readable = listed(response, "access-control-expose-headers");
    for (const each of ["x-request-id", "x-fusion-route", "x-fusion-outcome", "retry-after"]) {
      assert(readable.includes(each), each);
    }
    await response.body?.cancel();
  }
});

Deno.test("cors marks every error, so that a page can tell why", async () => {
  const { app } = door({ server, clientKeys });
  const full = door({ server, clientKeys, limits: { maxConcurrentRequests: 0, queueLimit: 0 } });
  const headers = { origin: PAGE, authorization: `Bearer ${KEY}` };
  const requests: [number, string, RequestInit, typeof app?][] = [
    [401, CHAT, { ...chat(), headers: { origin: PAGE } }],
    [400, CHAT, { method: "POST", body: "{", headers }],
    [404, CHAT, { ...chat({ model: "nobody" }), headers }],
    [404, "/nowhere", { headers }],
    [405, CHAT, { headers }],
    [503, CHAT, { ...chat(), headers }, full.app],
  ];
  for (const [status, path, init, served = app] of requests) {
    const response = await served.request(path, init);
    assert.equal(response.status, status, `${path}`);
    assert.equal(allowed(response), PAGE, `${status}`);
    assert.equal(typeof (await response.json()).error.message, "string");
  }
});

Deno.test("cors tells no other page anything", async () => {
  const { app } = door({ server });
  for (const origin of ["https://evil.example", "https://chat.example.com.evil.example", "null"]) {
    assert.equal(allowed(await app.request(CHAT, preflight(origin))), null, origin);
    assert.equal(allowed(await app.request(CHAT, { ...chat(), headers: { origin } })), null);
  }
});

Deno.test("cors lets any page in where the configuration says so, and none where it says nothing", async () => {
  const any = door({ server: { corsOrigins: ["*"] } });
  const response = await any.app.request(CHAT, preflight("https://any.example"));
  assert.deepEqual([response.status, allowed(response)], [204, "*"]);
  // A page must never be let in with its cookies.
  assert.equal(response.headers.get("access-control-allow-credentials"), null);
  const none = await door().app.request(CHAT, preflight(PAGE));
  assert.deepEqual([none.status, allowed(none)], [405, null]);
});
