import assert from "node:assert/strict";
import { type SourceFile, sourceFiles } from "./support/source_files.ts";

const FILES = await sourceFiles(["src", "actors"]);

/**
 * What each room may import besides itself: rooms, single files, packages. `root` are the files that
 * stand in src/ itself.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  openai: ["npm:zod"],
  protocol: ["npm:zod"],
  fusion: ["openai", "protocol", "npm:zod", "npm:jsonrepair", "npm:@cfworker/json-schema"],
  runtime: ["protocol", "npm:zod"],
  upstream: ["openai", "protocol", "runtime", "npm:zod", "npm:eventsource-parser"],
  answer: ["fusion", "openai", "protocol", "upstream"],
  health: ["fusion", "protocol"],
  actors: ["answer", "fusion", "health", "openai", "protocol", "runtime", "upstream"],
  "src/worker.ts": ["actors", "runtime"],
  "src/model_pool.ts": ["fusion", "health", "protocol", "runtime"],
  "src/relay.ts": ["src/model_pool.ts", "fusion", "protocol", "runtime"],
  "src/system.ts": [
    "actors/coordinator.ts",
    "src/model_pool.ts",
    "src/relay.ts",
    "fusion",
    "health",
    "protocol",
    "runtime",
  ],
  config: [
    "fusion",
    "store",
    "src/health/upstream_health.ts",
    "src/protocol/quirk.ts",
    "npm:zod",
    "npm:smol-toml",
    "node:",
  ],
  gate: ["config", "fusion", "store", "openai", "npm:zod"],
  observe: ["fusion", "openai", "npm:prom-client"],
  http: [
    "gate",
    "fusion",
    "src/protocol/call.ts",
    "health",
    "store",
    "observe",
    "openai",
    "npm:hono",
    "npm:zod",
    "node:",
  ],
  "src/app.ts": ["http", "gate", "fusion", "health", "observe", "npm:hono"],
  simulation: [
    "openai",
    "src/fusion/references.ts",
    "src/fusion/conversation.ts",
    "npm:zod",
    "npm:smol-toml",
  ],
  store: ["fusion", "protocol", "npm:zod", "npm:@redis/client", "node:"],
  "src/generation.ts": [
    "src/app.ts",
    "src/http/exposition.ts",
    "src/system.ts",
    "config",
    "fusion",
    "gate",
    "health",
    "observe",
    "runtime",
    "store",
    "deno.json",
  ],
  "src/listener.ts": ["npm:@hono/node-server", "node:"],
  "src/gateway.ts": [
    "src/listener.ts",
    "src/generation.ts",
    "src/system.ts",
    "gate",
    "observe",
    "runtime",
    "store",
  ],
  // The commands stand on top of all; only the door is beneath them, behind the gateway.
  cli: [
    "src/system.ts",
    "src/gateway.ts",
    "config",
    "fusion",
    "observe",
    "openai",
    "protocol",
    "runtime",
    "simulation",
    "store",
    "upstream",
    "node:",
  ],
  "src/main.ts": ["cli"],
};

function roomOf(path: string): string {
  return /^(?:src\/([^/]+)|(actors))\/.*\.ts$/.exec(path)?.slice(1).find(Boolean) ?? path;
}

function isAllowed(imported: string, allowed: readonly string[]): boolean {
  return allowed.some((each) =>
    each === imported || each === roomOf(imported) ||
    (each === "node:" && imported.startsWith(each))
  );
}

/** Code without its comments, its strings' words still in it. */
function codeOf({ text }: SourceFile): string {
  return text.replace(/\/\*[^]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

function offenders(found: readonly (SourceFile | string)[], what: string): void {
  const paths = found.map((each) => typeof each === "string" ? each : each.path);
  assert.deepEqual(paths, [], what);
}

Deno.test("every room imports only what stands below it", () => {
  const found = FILES.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    const allowed = MAY_IMPORT[room];
    assert.ok(allowed, `${path} stands in no known room`);
    return imports
      .filter((each) => roomOf(each) !== room && !isAllowed(each, allowed))
      .map((each) => `${path} imports ${each}`);
  });
  offenders(found, "imports against the direction");
});

Deno.test("the rules of imports would see a breach", () => {
  assert.equal(isAllowed("src/http/sse.ts", MAY_IMPORT.fusion!), false);
  assert.equal(isAllowed("npm:hono", MAY_IMPORT.runtime!), false);
  assert.equal(isAllowed("src/fusion/course.ts", MAY_IMPORT.simulation!), false);
  assert.ok(FILES.some(({ imports }) => imports.includes("npm:zod")));
  assert.ok(FILES.some(({ imports }) => imports.includes("src/protocol/failure.ts")));
});

Deno.test("actors never import each other, and only workers call upstreams", () => {
  for (const { path, imports } of FILES.filter(({ path }) => path.startsWith("actors/"))) {
    assert.ok(!imports.some((each) => each.startsWith("actors/")), path);
    const callsUpstream = imports.some((each) => each.startsWith("src/upstream/"));
    assert.equal(callsUpstream, path !== "actors/coordinator.ts", path);
  }
});

Deno.test("a worker's code holds nothing of the door, the gate or the configuration", () => {
  const byPath = new Map(FILES.map((file) => [file.path, file]));
  const isWorkers = (path: string) => path.startsWith("actors/") || path === "src/worker.ts";
  for (const { path } of FILES.filter(({ path }) => isWorkers(path))) {
    const seen = new Set<string>();
    const visit = (each: string) => {
      if (seen.has(each)) return;
      seen.add(each);
      byPath.get(each)?.imports.forEach(visit);
    };
    visit(path);
    const rooms = new Set([...seen].map(roomOf));
    for (const room of ["http", "gate", "config", "observe", "simulation", "cli"]) {
      assert.ok(!rooms.has(room), `${path} loads ${room}`);
    }
  }
});

Deno.test("fusion, protocol and openai are pure", () => {
  const impure =
    /\bDeno\.|\bfetch\(|\bDate\b|\bset(?:Timeout|Interval)\b|\bMath\.random\b|\bperformance\.|\bcrypto\.|\bprocess\./;
  const rooms = ["fusion", "protocol", "openai"];
  offenders(
    FILES.filter((file) => rooms.includes(roomOf(file.path)) && impure.test(codeOf(file))),
    "impure files",
  );
});

for (
  const [what, pattern, path] of [
    ["calls fetch()", /(?<![.\w])fetch\(/, "src/upstream/exchange.ts"],
    ["makes a Worker", /\bnew Worker\(/, "src/runtime/spawn.ts"],
    ["reads the environment", /\bDeno\.env\b|\bprocess\.env\b/, "src/config/environment.ts"],
  ] as const
) {
  Deno.test(`one file ${what}`, () => {
    assert.deepEqual(FILES.filter((file) => pattern.test(codeOf(file))).map(({ path }) => path), [
      path,
    ]);
  });
}

Deno.test("no file is a drawer", () => {
  const drawer = /(?:^|\/)(?:utils?|common|helpers?|types?|index|mod|misc|shared)(?:\.ts|\/)/;
  offenders(FILES.filter(({ path }) => drawer.test(path)), "drawers");
});

Deno.test("no file only hands on what others export", () => {
  offenders(FILES.filter((file) => /^export (?:\*|\{[^}]*\}) from/m.test(codeOf(file))), "barrels");
});

Deno.test("every file is named in snake_case", () => {
  offenders(
    FILES.filter(({ path }) => !/^(?:[a-z][a-z0-9_]*\/)+[a-z][a-z0-9_]*\.ts$/.test(path)),
    "",
  );
});

Deno.test("every file opens with what it is for", () => {
  offenders(
    FILES.filter(({ text }) => !/^\/\*\*\n \* [A-Z][^]*?\n \* @module\n \*\/\n/.test(text)),
    "files without a module comment at their head",
  );
});

Deno.test("no file is longer than 300 lines", () => {
  /** Tables: words, names, topics. */
  const tables = ["src/fusion/self_naming.ts", "src/simulation/topics.ts"];
  offenders(
    FILES.filter(({ path, text }) => !tables.includes(path) && text.split("\n").length > 301),
    "long files",
  );
});
