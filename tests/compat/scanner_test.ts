/**
 * A fused alias against the very upstream behind it: a public scanner, and probes of our own, find
 * no less with the one than with the other.
 */
import assert from "node:assert/strict";
import { scanEndpoint } from "compatcanary";
import { type House, HOUSES, POLICIES } from "./houses.ts";
import { PROBES, type Server } from "./probes.ts";

/** The model that answers alone, and synthesizes, behind every alias. */
const upstreamOf = ({ upstreamUrl }: House): Server => ({ baseUrl: upstreamUrl, model: "solo" });

const aliasesOf = ({ baseUrl }: House): Server[] =>
  POLICIES.map((policy) => ({ baseUrl, model: `fusion/${policy}` }));

/** As far as it is read here: the scanner brings no types. */
interface Report {
  readonly results: readonly { readonly id: string; readonly status: string }[];
}

const GRADES = ["fail", "warn", "pass"];

async function scanned(server: Server): Promise<Map<string, number>> {
  const report: Report = await scanEndpoint({ ...server, apiKey: "none" });
  return new Map(report.results.map(({ id, status }) => [id, GRADES.indexOf(status)]));
}

async function passed(server: Server): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { name, run } of PROBES) {
    try {
      await run(server);
      names.add(name);
    } catch { /* failed */ }
  }
  return names;
}

for (const { name, open } of HOUSES) {
  Deno.test(`compatcanary finds no less with an alias than with its upstream, ${name}`, async () => {
    await using house = await open();
    const upstream = await scanned(upstreamOf(house));
    for (const alias of aliasesOf(house)) {
      const found = await scanned(alias);
      for (const [id, grade] of found) {
        assert.ok(grade >= upstream.get(id)!, `${alias.model}: ${id}`);
        // All of it but what the upstream's models cannot do.
        assert.equal(GRADES[grade], "pass", `${alias.model}: ${id}`);
      }
    }
  });

  Deno.test(`probes find no less with an alias than with its upstream, ${name}`, async () => {
    await using house = await open();
    const upstream = await passed(upstreamOf(house));
    assert.ok(upstream.size > PROBES.length / 2, [...upstream].join());
    for (const alias of aliasesOf(house)) {
      const found = await passed(alias);
      assert.deepEqual([...upstream].filter((each) => !found.has(each)), [], alias.model);
    }
  });
}
