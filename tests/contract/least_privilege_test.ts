import assert from "node:assert/strict";
import { spawnWorker } from "../../src/runtime/spawn.ts";
import { Echo, echoUrl } from "./hosts.ts";

/** A server on loopback that answers "here", and the address it has. */
function serve(): { server: Deno.HttpServer<Deno.NetAddr>; host: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("here"),
  );
  return { server, host: `127.0.0.1:${server.addr.port}` };
}

Deno.test("spawnWorker() gives a worker its own host on the net and nothing else", async () => {
  const own = serve();
  const other = serve();
  Deno.env.set("TUTTI_TEST_SECRET", "secret");
  const path = await Deno.makeTempFile();
  try {
    await using echo = new Echo(spawnWorker(echoUrl, { name: "echo", net: [own.host] }));
    const attempt = (what: string, target: string) => echo.value({ do: "attempt", what, target });

    assert.equal(await attempt("fetch", `http://${own.host}/`), "done");
    assert.equal(await attempt("connect", own.host), "done");

    const refused: [what: string, target: string][] = [
      ["connect", other.host],
      ["connect", own.host.replace("127.0.0.1", "localhost")],
      ["listen", ""],
      ["read", path],
      ["read_by_node", path],
      ["write", path],
      ["env", "TUTTI_TEST_SECRET"],
      ["env_by_node", "TUTTI_TEST_SECRET"],
      ["run", "true"],
      ["run_by_node", "true"],
      ["sys", ""],
      ["ffi", "libc.so.6"],
    ];
    for (const [what, target] of refused) {
      assert.equal(await attempt(what, target), "NotCapable", what);
    }
    // fetch() and import() word a refused permission as their own failure.
    assert.equal(await attempt("fetch", `http://${other.host}/`), "NotCapable");
    assert.equal(await attempt("import", `http://${other.host}/x.ts`), "TypeError");
    assert.equal(await attempt("import", new URL(`file://${path}`).href), "TypeError");
    assert.equal(await Deno.readTextFile(path), "");
  } finally {
    Deno.env.delete("TUTTI_TEST_SECRET");
    await Deno.remove(path);
    await Promise.all([own.server.shutdown(), other.server.shutdown()]);
  }
});

Deno.test("spawnWorker() gives a worker without hosts no net at all", async () => {
  const { server, host } = serve();
  {
    await using echo = new Echo(spawnWorker(echoUrl, { name: "echo", net: [] }));
    assert.equal(await echo.value({ do: "attempt", what: "connect", target: host }), "NotCapable");
  }
  await server.shutdown();
});
