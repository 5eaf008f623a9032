import assert from "node:assert/strict";
import { baseUrlFault, normalBaseUrl } from "../../../src/config/base_url.ts";

Deno.test("baseUrlFault() finds nothing wrong with http and https URLs", () => {
  for (const url of ["http://localhost:8000/v1", "https://api.example.com", "http://[::1]:1/v1/"]) {
    assert.equal(baseUrlFault(url), undefined, url);
  }
});

Deno.test("baseUrlFault() says what is wrong and never repeats the URL", () => {
  const wrong: [url: string, says: RegExp][] = [
    ["sk-secret", /Must be a URL/],
    ["", /Must be a URL/],
    ["localhost:8000/sk-secret", /Must start with/],
    ["ftp://sk-secret.example.com", /Must start with/],
    ["https://sk-secret@api.example.com/v1", /credentials.*api_key_env/],
    ["https://user:sk-secret@api.example.com/v1", /credentials/],
    ["https://api.example.com/v1?key=sk-secret", /query/],
    ["https://api.example.com/v1#sk-secret", /fragment/],
    ["https://sk-secret.example.com/v1/chat/completions", /appended/],
  ];
  for (const [url, says] of wrong) {
    const fault = baseUrlFault(url) ?? "";
    assert.match(fault, says, url);
    assert(!fault.includes("sk-secret"), fault);
  }
});

Deno.test("normalBaseUrl() drops trailing slashes and keeps the path", () => {
  assert.equal(
    normalBaseUrl("https://API.example.com:443/openai/v1//"),
    "https://api.example.com/openai/v1",
  );
  assert.equal(normalBaseUrl("http://localhost:8000/"), "http://localhost:8000");
});
