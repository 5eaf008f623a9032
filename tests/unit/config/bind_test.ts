import assert from "node:assert/strict";
import { parseBind } from "../../../src/config/bind.ts";

Deno.test("parseBind() reads host and port, IPv6 in brackets, and a port alone", () => {
  assert.deepEqual(parseBind("127.0.0.1:8080"), { hostname: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseBind("localhost:0"), { hostname: "localhost", port: 0 });
  assert.deepEqual(parseBind("[::1]:8080"), { hostname: "::1", port: 8080 });
  assert.deepEqual(parseBind("[::]:65535"), { hostname: "::", port: 65535 });
  assert.deepEqual(parseBind(":8080"), { hostname: "0.0.0.0", port: 8080 });
});

Deno.test("parseBind() refuses what nobody can listen on", () => {
  const wrong = [
    "",
    "8080",
    "localhost",
    "localhost:",
    "localhost:65536",
    "localhost:-1",
    "localhost:80a",
    "::1:8080",
    "[::1]",
    "[1.2.3.4]:80",
    "[::g]:80",
    "999.0.0.1:80",
    "127.0.0.1.5:80",
    "http://localhost:80",
    "local host:80",
    " localhost:80",
  ];
  for (const text of wrong) assert.equal(parseBind(text), undefined, text);
});
