import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { guardedStore, type GuardOptions } from "../../src/store/guarded_store.ts";
import { ledgerEntry, reservationOf } from "../../src/store/ledger_entry.ts";
import { sqliteBackend } from "../../src/store/sqlite_backend.ts";
import { sqliteLedger } from "../../src/store/sqlite_usage.ts";
import type { Store, StoreEvent } from "../../src/store/store.ts";
import { backendContract, type EmptyStore, fakeClock } from "./backend_contract.ts";
import { Child } from "./child_process.ts";

const clock = { now: Date.now, tickMs: () => performance.now() };
const claim = { requestId: "r", key: "k", profile: "p", limits: {}, tokens: 10, costUsd: 0.001 };
const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 0, reasoningTokens: 0 };
const bill = {
  outcome: "fused",
  usageByModel: [{ stage: "panel" as const, model: "m", usage, costUsd: 0.001 }],
};

backendContract("sqliteBackend()", {
  ground: () => Promise.resolve({ empty, [Symbol.asyncDispose]: () => Promise.resolve() }),
  hasLedger: true,
  runs: 100,
});

Deno.test("sqliteBackend() loses nothing that it settled when its process is killed", async () => {
  await using file = await newFile();
  const begun = new Set<string>();
  const settled = new Set<string>();
  {
    await using child = new Child([`sqlite:${file.path}`, "killed", "work"]);
    const note = (line: string) => {
      const [word, requestId] = line.split(" ") as [string, string];
      (word === "begun" ? begun : settled).add(requestId);
    };
    while (settled.size < 300) note((await child.line())!);
    child.kill("SIGKILL");
    (await child.restOfLines()).forEach(note);
  }

  const events: StoreEvent[] = [];
  const store = await guarded(file.path, { onEvent: (event) => events.push(event) });
  await store.close();

  const db = new DatabaseSync(file.path);
  const outcomes = new Map(
    db.prepare("SELECT request_id, outcome FROM ledger").all()
      .map((row) => [row.request_id as string, row.outcome as string]),
  );
  for (const id of settled) assert.equal(outcomes.get(id), "fused");
  for (const id of begun) assert.ok(outcomes.has(id), `${id} is neither kept nor marked as lost`);
  const lost = [...outcomes.values()].filter((outcome) => outcome === "lost").length;
  assert.deepEqual(events, lost === 0 ? [] : [{ type: "lost", requests: lost }]);
  assert.ok(lost <= 8, "only what was in flight is lost");

  assert.deepEqual({ ...db.prepare("SELECT COUNT(*) AS open FROM reservation").get() }, {
    open: 0,
  });
  const kept = outcomes.size - lost;
  for (const { held, spent } of db.prepare("SELECT held, spent FROM purse").all()) {
    assert.deepEqual({ held, spent }, { held: 0, spent: kept * 1_000_000 });
  }
  assert.equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
  db.close();
});

Deno.test("sqliteBackend() lets two processes in for no more than the limit", async () => {
  await using file = await newFile();
  await using one = new Child([`sqlite:${file.path}`, "one", "race"]);
  await using two = new Child([`sqlite:${file.path}`, "two", "race"]);
  await Promise.all([one, two].map((child) => child.linesUpTo("ready")));
  await Promise.all([one, two].map((child) => child.go()));
  const admitted = await Promise.all([one, two].map(async (child) => {
    const lines = await child.linesUpTo("admitted");
    return Number(lines.at(-1)!.split(" ")[1]);
  }));
  assert.equal(admitted[0]! + admitted[1]!, 50);
});

Deno.test("sqliteBackend() is away while another holds the file, and back afterwards", async () => {
  await using file = await newFile();
  for (const onFailure of ["open", "closed"] as const) {
    const events: StoreEvent[] = [];
    let beat = () => Promise.resolve();
    const store = await guarded(file.path, {
      onFailure,
      onEvent: (event) => events.push(event),
      every: (given) => {
        beat = given;
        return () => {};
      },
    });
    const before = await store.reserve(claim);
    assert.equal(before.type, "admitted");

    const other = new DatabaseSync(file.path);
    other.exec("BEGIN EXCLUSIVE");
    const during = await store.reserve(claim);
    assert.equal(during.type, onFailure === "open" ? "admitted" : "unavailable");
    assert.equal(store.health, "away");
    await store.settle(before.reservation, bill);
    if (during.type === "admitted") await store.settle(during.reservation, bill);
    other.exec("COMMIT");
    other.close();

    await beat();
    assert.equal(store.health, "up");
    assert.deepEqual(events.map((event) => event.type), [
      "away",
      onFailure === "open" ? "unchecked" : "refused",
      "back",
    ]);
    assert.deepEqual(events[0], { type: "away", reason: "database is locked" });
    await store.close();
  }
  const [row] = await sqliteLedger(file.path).usage({ by: "key" });
  assert.deepEqual([row!.requests, row!.lost, row!.open], [3, 0, 0]);
});

Deno.test("sqliteBackend() keeps what it settled when the disk takes no more", async () => {
  await using file = await newFile();
  // No file of that process may grow beyond some hundred kilobytes; writing more is an error.
  const shell = `trap "" XFSZ; ulimit -f 600; exec "$@"`;
  await using child = new Child([`sqlite:${file.path}`, "full", "fill"], { shell });
  const lines = await child.restOfLines();
  assert.ok(lines.includes("unavailable"), "a request was refused");
  assert.ok(lines.includes('{"type":"away","reason":"disk I/O error"}'));
  const settled = lines.filter((line) => line.startsWith("settled")).length;
  assert.ok(settled > 0);

  const store = await guarded(file.path, {});
  await store.close();
  const [row] = await sqliteLedger(file.path).usage({ by: "key" });
  // The one whose settlement failed may have been written when the process ended.
  assert.ok([settled, settled + 1].includes(row!.requests - row!.lost));
});

Deno.test("sqliteBackend() deletes what it need not keep, and nothing when the clock jumps", async () => {
  await using file = await newFile();
  const clock = fakeClock();
  const open = (processId: string) =>
    sqliteBackend(file.path, { clock, processId, ledgerDays: 30 });
  const start = { id: "first-0", startedAt: clock.now(), startedTickMs: clock.tickMs() };
  const reservation = reservationOf(claim, start);

  const first = open("first");
  await first.settle(reservation, ledgerEntry(reservation, bill, { tickMs: clock.tickMs() }));
  clock.jump(40 * 86_400_000);
  await first.beat();
  assert.equal((await first.usage({ by: "day" })).length, 1, "a jump is no age");
  clock.jump(-40 * 86_400_000);
  clock.wait(29 * 86_400_000);
  await first.beat();
  assert.equal((await first.usage({ by: "day" })).length, 1);
  clock.wait(2 * 86_400_000);
  await first.beat();
  assert.deepEqual(await first.usage({ by: "day" }), []);
  await first.close();
});

Deno.test("sqliteBackend() opens its file when it can be opened", async () => {
  await using file = await newFile();
  const folder = `${file.path}-folder`;
  let beat = () => Promise.resolve();
  const store = await guarded(`${folder}/tutti.sqlite`, {
    every: (given) => {
      beat = given;
      return () => {};
    },
  });
  assert.equal((await store.reserve(claim)).type, "unavailable");
  await Deno.mkdir(folder);
  await beat();
  assert.equal((await store.reserve(claim)).type, "admitted");
  await store.close();
});

Deno.test("sqliteBackend() leaves a file of a newer version alone", async () => {
  await using file = await newFile();
  const db = new DatabaseSync(file.path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  const events: StoreEvent[] = [];
  const store = await guarded(file.path, { onEvent: (event) => events.push(event) });
  assert.deepEqual(events, [{ type: "away", reason: "ERR_STORE_VERSION" }]);
  await store.close();
});

Deno.test("openLedger() reads a file in use, with permission to read it and nothing else", async () => {
  await using file = await newFile();
  const store = await guarded(file.path, {});
  const admission = await store.reserve(claim);
  assert.equal(admission.type, "admitted");
  await store.settle(admission.reservation, bill);

  const module = new URL("../../src/store/open_store.ts", import.meta.url).href;
  const script = `${file.path}.ts`;
  await Deno.writeTextFile(
    script,
    `import { openLedger } from ${JSON.stringify(module)};
     const ledger = await openLedger({ url: "sqlite:${file.path}" });
     console.log(JSON.stringify(await ledger.usage({ by: "model" })));`,
  );
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--config=${config}`,
      `--allow-read=${file.path}`,
      script,
    ],
    stderr: "inherit",
  }).output();
  const [row] = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual([row.group, row.requests, row.promptTokens], ["m", 1, 3]);
  await store.close();
});

async function empty(): Promise<EmptyStore> {
  const file = await newFile();
  return {
    open: (processId, options) =>
      Promise.resolve(sqliteBackend(file.path, { processId, ledgerDays: 400, ...options })),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

function guarded(path: string, options: Partial<GuardOptions>): Promise<Store> {
  const processId = crypto.randomUUID();
  let count = 0;
  return guardedStore(sqliteBackend(path, { clock, processId, ledgerDays: 400 }), {
    onFailure: "closed",
    clock,
    newId: () => `${processId}-${count++}`,
    onEvent: () => {},
    every: () => () => {},
    ...options,
  });
}

async function newFile(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await Deno.makeTempDir({ prefix: "tutti-store-" });
  return {
    path: `${folder}/tutti.sqlite`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
