import assert from "node:assert/strict";
import { faultSite } from "../../../src/observe/fault_site.ts";
import { createLog, type LogLevel } from "../../../src/observe/log.ts";

function logged(level?: LogLevel) {
  const lines: string[] = [];
  const now = () => Date.UTC(2026, 10, 22, 14, 43, 48, 123);
  const log = createLog({ write: (line) => lines.push(line), now, ...(level && { level }) });
  return { log, lines };
}

Deno.test("createLog() writes time, level and message, and ends the line there", () => {
  const { log, lines } = logged();
  log.info("listening on http://127.0.0.1:8080");
  assert.deepEqual(lines, ["2026-11-22T14:43:48.123Z info listening on http://127.0.0.1:8080\n"]);
});

Deno.test("createLog() writes fields as key=value, quoting what would not read back", () => {
  const { log, lines } = logged();
  log.warn("worker died", {
    role: "panel",
    ms: 12,
    why: 'said "no"',
    none: null,
    path: "a b",
    ok: true,
  });
  assert.equal(
    lines[0]!.slice(25),
    'warn worker died role=panel ms=12 why="said \\"no\\"" path="a b" ok=true\n',
  );
});

Deno.test("createLog() writes one line per event, whatever it is given", () => {
  const { log, lines } = logged();
  log.error("broke\nfake info line\r\n\u2028x", { id: "a\nb", other: "c\u2028d" });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]!.trimEnd().split(/[\r\n\u2028\u2029]/).length, 1);
});

Deno.test("createLog() blots out what looks like a credential", () => {
  const { log, lines } = logged();
  log.info("got Bearer abcdefgh12345678", { key: "sk-proj-ABCDEF0123456789" });
  assert.doesNotMatch(lines[0]!, /abcdefgh|ABCDEF/);
  assert.match(lines[0]!, /\[redacted\]/);
});

Deno.test("createLog() writes nothing below its level", () => {
  const { log, lines } = logged("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assert.equal(lines.length, 2);
});

Deno.test("faultSite() says where an error was thrown, never what it says", () => {
  const site = faultSite(new TypeError("Unexpected token, my prompt\n    at secret:1:1"));
  assert.equal(site["error"], "TypeError");
  assert.match(String(site["at"]), /log_test\.ts:\d+:\d+/);
  assert.doesNotMatch(JSON.stringify(site), /prompt|secret/);
  assert.deepEqual(faultSite("thrown text"), { error: "string" });
});
