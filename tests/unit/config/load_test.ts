import assert from "node:assert/strict";
import { DEFAULT_BACKGROUND_RULES } from "../../../src/config/background_rules.ts";
import { configPath, loadConfig } from "../../../src/config/load.ts";
import { faultLines, LEAST, loaded } from "./loading.ts";

Deno.test("configPath() takes the flag, else the variable, else config.toml", () => {
  assert.equal(configPath("a.toml", { TUTTI_CONFIG: "b.toml" }), "a.toml");
  assert.equal(configPath(undefined, { TUTTI_CONFIG: "b.toml" }), "b.toml");
  assert.equal(configPath(undefined, { TUTTI_CONFIG: "" }), "config.toml");
  assert.equal(configPath(undefined, {}), "config.toml");
});

Deno.test("loadConfig() reads the file it is given", async () => {
  const asked: string[] = [];
  const readTextFile = (path: string) => {
    asked.push(path);
    return Promise.resolve(LEAST);
  };
  const result = await loadConfig("here.toml", { readTextFile, env: {} });
  assert.equal(result.type, "loaded");
  assert.deepEqual(asked, ["here.toml"]);
});

Deno.test("loadConfig() hints at the example where there is no file", async () => {
  const readTextFile = Deno.readTextFile;
  const result = await loadConfig("tests/no/such.toml", { readTextFile, env: {} });
  assert(result.type === "faults");
  assert.deepEqual(result.faults.map((fault) => fault.key), ["tests/no/such.toml"]);
  assert.match(result.faults[0]!.message, /copy config\.example\.toml/);
});

Deno.test("loadConfig() says why a file cannot be read", async () => {
  const result = await loadConfig("tests", { readTextFile: Deno.readTextFile, env: {} });
  assert(result.type === "faults");
  assert.match(result.faults[0]!.message, /^Cannot read this file: .*directory/i);
});

Deno.test("parseConfig() gives line and column of what is not TOML, not the line's text", () => {
  assert.deepEqual(faultLines('[server]\nbind = "sk-secret'), [
    "config.toml: Cannot read line 2, column 8: unfinished string",
  ]);
  const [twice] = faultLines("[server]\n[runtime]\n[server]");
  assert.match(twice!, /^config\.toml: Cannot read line 3, column \d+: /);
});

Deno.test("parseConfig() reports the faults of every key and of every rule at once", () => {
  const text = `
bind = ":1"
[server]
bind = 2024-01-01
queue_limit = -1
cors_origins = ["https://a.example/", "*"]
[server.auth]
keys_env = "KEYS"
[[server.auth.keys]]
name = "key-1"
sha256 = "sk-secret"
[backend]
base_url = "https://u:sk-secret@host/v1"
api_key_env = "sk-secret"
timeout_ms = 0
[[backends]]
name = "default"
base_url = "ftp://host"
[[profiles]]
name = "a b"
min_quorum = 1
[profiles.router]
policy = "magic"
threshold = 1.5
[profiles.panel]
members = ["fusion/x", "no::m", { model = "m", temperature = 9, temp = 1 }]
min_quorum = 4
samples = 1.5
timeout_ms = inf
[profiles.aggregator]
judge = " m"
layers = 5
`;
  const lines = faultLines(text);
  assert(!lines.join().includes("sk-secret"));
  assert.deepEqual(lines, [
    "backend.api_key_env: Must be the name of an environment variable, not the key itself",
    "backend.base_url: Cannot hold credentials: put the key in an environment variable, named by " +
    "api_key_env",
    "backend.timeout_ms: Must be at least 1, got 0",
    'backends[0].base_url: Must start with "http://" or "https://"',
    'backends[0].name: Cannot be "default": that is the name of [backend]',
    "bind: Unknown key; it belongs in [server]",
    "profiles[0].aggregator.judge: Must be a model id, without spaces around it",
    "profiles[0].aggregator.layers: Must be at most 4, got 5",
    "profiles[0].aggregator.synthesizer: Cannot be missing: must be a string",
    "profiles[0].min_quorum: Unknown key; it belongs in [profiles.panel]",
    'profiles[0].name: Must be letters, digits, ".", "_" and "-", and start with a letter or digit',
    'profiles[0].panel.members[0]: Cannot be "fusion/x": a profile must not ask a profile',
    'profiles[0].panel.members[1]: Cannot be "no::m": no backend is named "no"; if "::" is part ' +
    'of the model\'s id, put the backend before it: "default::no::m"',
    'profiles[0].panel.members[2].temp: Unknown key; did you mean "temperature"?',
    "profiles[0].panel.members[2].temperature: Must be at most 2, got 9",
    "profiles[0].panel.min_quorum: Cannot be 4: the panel makes 3 calls",
    "profiles[0].panel.samples: Must be a whole number, got 1.5",
    "profiles[0].panel.timeout_ms: Must be a number, got Infinity",
    'profiles[0].router.policy: Must be "always_fuse" or "classifier", got "magic"',
    "profiles[0].router.threshold: Must be at most 1, got 1.5",
    'server.auth.keys[0].name: Cannot be "key-1": the keys of keys_env are named so',
    "server.auth.keys[0].sha256: Must be a SHA-256 in 64 hex digits, not the key itself: " +
    "printf %s KEY | sha256sum",
    "server.bind: Must be a string, got a date",
    'server.cors_origins[0]: Must be "*" or an origin, e.g. "https://chat.example.com", without ' +
    "a path or trailing slash",
    "server.queue_limit: Must be at least 0, got -1",
  ]);
});

Deno.test("parseConfig() needs a profile and a backend", () => {
  assert.deepEqual(faultLines(""), [
    "backend: Cannot be missing: there is no [[backends]] either",
    "profiles: Cannot be missing: must be a list",
  ]);
  assert.deepEqual(faultLines('profiles = []\n[backend]\nbase_url = "http://h"'), [
    "profiles: Cannot be empty",
  ]);
});

Deno.test("parseConfig() takes no date for a table", () => {
  assert.deepEqual(faultLines(`server = 2024-01-01\n${LEAST}`), [
    "server: Must be a table, got a date",
  ]);
});

Deno.test("parseConfig() says where a misplaced key belongs, and what is known where none fits", () => {
  assert.deepEqual(faultLines(`${LEAST}self_moa = true\n[runtime]\nthreads = 4`), [
    "backend.self_moa: Unknown key; it belongs in [profiles.panel]",
    "runtime.threads: Unknown key; known here: workers, max_restarts, restart_window_ms, " +
    "heartbeat_ms",
  ]);
});

Deno.test("parseConfig() refuses a name, a price or a client key that is there twice", () => {
  const hash = "ab".repeat(32);
  const second = LEAST.slice(0, LEAST.indexOf("[backend]"));
  const text = `${second}${LEAST}
[[backends]]
name = "b"
base_url = "http://b"
[[backends]]
name = "b"
base_url = "http://b"
[[prices]]
model = "a"
input_per_mtok = 1
output_per_mtok = 1
[[prices]]
model = "a"
input_per_mtok = 2
output_per_mtok = 2
[[server.auth.keys]]
name = "k"
sha256 = "${hash}"
[[server.auth.keys]]
name = "k"
sha256 = "${hash.toUpperCase()}"`;
  assert.deepEqual(faultLines(text), [
    'backends[1].name: Cannot be "b": entry 0 has it',
    'prices[1].model: Cannot be "a": entry 0 has it',
    'profiles[1].name: Cannot be "p": entry 0 has it (profile "p")',
    'server.auth.keys[1].name: Cannot be "k": entry 0 has it',
    "server.auth.keys[1].sha256: Cannot be the same: entry 0 has it",
  ]);
});

Deno.test("parseConfig() refuses an alias of ours in every place that names a model", () => {
  const text = `
[backend]
base_url = "http://h/v1"
[[profiles]]
name = "p"
[profiles.router]
single_model = "fusion/p"
classifier_model = "fusion/p"
[profiles.panel]
members = ["fusion/p", { model = "default::fusion/p" }]
[profiles.aggregator]
judge = "fusion/q"
synthesizer = "fusion/p"
[[prices]]
model = "fusion/p"
input_per_mtok = 1
output_per_mtok = 1`;
  assert.deepEqual(faultLines(text).map((line) => line.split(":")[0]), [
    "prices[0].model",
    "profiles[0].aggregator.judge",
    "profiles[0].aggregator.synthesizer",
    "profiles[0].panel.members[0]",
    "profiles[0].panel.members[1].model",
    "profiles[0].router.classifier_model",
    "profiles[0].router.single_model",
  ]);
});

Deno.test("parseConfig() needs a classifier's model, once", () => {
  const policy = '[[profiles]]\nrouter = { policy = "classifier" }';
  assert.deepEqual(faultLines(LEAST.replace("[[profiles]]", policy)), [
    'profiles[0].router.classifier_model: Cannot be missing: policy is "classifier"',
  ]);
  const faulty = '[[profiles]]\nrouter = { policy = "classifier", classifier_model = 5 }';
  assert.deepEqual(faultLines(LEAST.replace("[[profiles]]", faulty)), [
    "profiles[0].router.classifier_model: Must be a string, got 5",
  ]);
});

Deno.test("parseConfig() checks the quorum against the samples under self_moa", () => {
  const panel = (keys: string) => LEAST.replace("members =", `self_moa = true\n${keys}\nmembers =`);
  assert.deepEqual(faultLines(panel("samples = 5\nmin_quorum = 5")), []);
  assert.deepEqual(faultLines(panel("samples = 1\nmin_quorum = 2")), [
    "profiles[0].panel.min_quorum: Cannot be 2: the panel makes 1 call",
  ]);
});

Deno.test("parseConfig() wants no more references than the panel gives", () => {
  const aggregator = (keys: string) => LEAST.replace("synthesizer =", `${keys}\nsynthesizer =`);
  assert.deepEqual(faultLines(aggregator('mode = "vote"\njudge_swaps = 2')), []);
  assert.deepEqual(faultLines(aggregator("top_k = 9")), [
    "profiles[0].aggregator.top_k: Cannot be 9: the panel gives 3 answers",
  ]);
});

Deno.test("parseConfig() takes origins as browsers send them", () => {
  const origins = (list: string) => `${LEAST}[server]\ncors_origins = ${list}`;
  const good = '["*", "https://a.example", "http://localhost:3000", "tauri://localhost"]';
  assert.deepEqual(faultLines(origins(good)), []);
  const wrong =
    '["a.example", "https://a.example/x", "https://A.example", "https://a:443", "https://u@a"]';
  assert.equal(faultLines(origins(wrong)).length, 5);
});

Deno.test("parseConfig() refuses a time that a timer would cut to nothing", () => {
  assert.deepEqual(faultLines(`${LEAST}timeout_ms = 2147483648`), [
    "backend.timeout_ms: Must be at most 2147483647, got 2147483648",
  ]);
});

Deno.test("parseConfig() names the profile where there are several", () => {
  const second = LEAST.slice(0, LEAST.indexOf("[backend]")).replace('"p"', '"q"');
  assert.deepEqual(faultLines(second.replace("members", "memebrs") + LEAST), [
    'profiles[0].panel.members: Cannot be missing: must be a list (profile "q")',
    'profiles[0].panel.memebrs: Unknown key; did you mean "members"? (profile "q")',
  ]);
});

Deno.test("parseConfig() does not blame a model's backend while a backend has no good name", () => {
  const text = `${LEAST}[[backends]]\nname = "my gpu"\nbase_url = "http://h"`
    .replace('"a", "b"', '"my::a", "fusion/p"');
  assert.deepEqual(faultLines(text), [
    'backends[0].name: Must be letters, digits, ".", "_" and "-", and start with a letter or digit',
    'profiles[0].panel.members[1]: Cannot be "fusion/p": a profile must not ask a profile',
  ]);
});

Deno.test("parseConfig() gives a missing quorum the majority of the calls", () => {
  const quorum = (text: string) => loaded(text).profiles[0]?.panel.minQuorum;
  assert.equal(quorum(LEAST), 2);
  assert.equal(quorum(LEAST.replace('["a", "b", "c"]', '["a", "b", "c", "d"]')), 3);
  assert.equal(quorum(LEAST.replace('["a", "b", "c"]', '["a"]')), 1);
  assert.equal(quorum(LEAST.replace("members", "self_moa = true\nsamples = 5\nmembers")), 3);
});

Deno.test("parseConfig() gives a missing deadline the time that the configured limits need", () => {
  const deadline = (text: string) => loaded(text).profiles[0]?.deadlineMs;
  assert.equal(deadline(LEAST), 180_000);
  assert.equal(deadline(LEAST.replace("members", "timeout_ms = 1000\nmembers")), 180_000);
  assert.equal(deadline(LEAST.replace("members", "timeout_ms = 200000\nmembers")), 400_000);
  assert.equal(deadline(LEAST.replace("synthesizer", "layers = 3\nsynthesizer")), 540_000);
  assert.equal(deadline(`${LEAST}timeout_ms = 600000`), 600_000);
  const unused = '[[backends]]\nname = "x"\nbase_url = "http://x"\ntimeout_ms = 600000';
  assert.equal(deadline(LEAST + unused), 180_000);
  assert.equal(deadline(LEAST.replace('"p"', '"p"\ndeadline_ms = 5')), 5);
});

Deno.test("parseConfig() resolves members as strings and as tables, each to its backend", () => {
  const text = `
[[backends]]
name = "gpu"
base_url = "http://gpu/v1"
[[backends]]
name = "api"
base_url = "https://api.example/v1/"
[[profiles]]
name = "p"
tools = { policy = "advise" }
stream = { keepalive = "off" }
[profiles.panel]
members = ["gpu::a", { model = "api::b", temperature = 0, system = "Be brief.", max_tokens = 9 }]
grace_ms = 0
below_quorum = "best_answer"
[profiles.aggregator]
synthesizer = "api::s"`;
  const { backends, profiles } = loaded(text);
  assert.deepEqual(backends, [
    { name: "gpu", baseUrl: "http://gpu/v1", timeoutMs: 120_000 },
    { name: "api", baseUrl: "https://api.example/v1", timeoutMs: 120_000 },
  ]);
  const synthesizer = { id: "api::s", backend: "api", model: "s" };
  assert.deepEqual(profiles, [{
    name: "p",
    deadlineMs: 180_000,
    router: {
      policy: "always_fuse",
      singleModel: synthesizer,
      threshold: 0.5,
      background: "single",
      backgroundRules: [...DEFAULT_BACKGROUND_RULES],
    },
    panel: {
      members: [
        { id: "gpu::a", backend: "gpu", model: "a" },
        {
          id: "api::b",
          backend: "api",
          model: "b",
          temperature: 0,
          system: "Be brief.",
          maxTokens: 9,
        },
      ],
      selfMoa: false,
      samples: 3,
      minQuorum: 2,
      timeoutMs: 90_000,
      graceMs: 0,
      belowQuorum: "best_answer",
    },
    aggregator: {
      judge: synthesizer,
      synthesizer,
      anonymizeSources: true,
      normalizeLength: true,
      singleSourceCap: true,
      layers: 1,
      maxReferenceChars: 8_000,
      mode: "synthesize",
      judgeSwaps: 1,
      maxShare: 0.8,
      consensusThreshold: 0.8,
    },
    tools: { policy: "advise" },
    stream: { keepalive: "off", keepaliveMs: 10_000, progress: "off" },
  }]);
});

Deno.test("parseConfig() refuses a quirk that nobody knows and a rule that says too little", () => {
  const text = LEAST.replace(
    "[profiles.panel]",
    `[profiles.router]
background_rules = ["* title", "Write a title for this chat"]
[profiles.panel]`,
  ) + 'quirks = ["no_fun"]\nmax_concurrent = 0\n';
  const [maxConcurrent, quirk, rule, ...others] = faultLines(text);
  assert.match(maxConcurrent!, /^backend\.max_concurrent: Must be at least 1/);
  assert.match(quirk!, /^backend\.quirks\[0\]: Must be .*"alternate_roles"/);
  assert.match(rule!, /^profiles\[0\]\.router\.background_rules\[0\]: Must have 10 letters/);
  assert.deepEqual(others, []);
});

Deno.test("parseConfig() resolves a backend's quirks and its limit", () => {
  const [backend] =
    loaded(LEAST + 'quirks = ["no_system", "no_images"]\nmax_concurrent = 1\n').backends;
  assert.deepEqual(backend?.quirks, ["no_system", "no_images"]);
  assert.equal(backend?.maxConcurrent, 1);
});
