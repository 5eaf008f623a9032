/**
 * The clients stand in a configuration of their own, so that nobody who only starts the gateway
 * downloads them. Beside them it is the gateway's.
 */
import assert from "node:assert/strict";
import root from "../../deno.json" with { type: "json" };
import own from "./deno.json" with { type: "json" };

Deno.test("the compat tests run what the gateway runs", () => {
  const imports: Readonly<Record<string, string>> = own.imports;
  const packages = Object.entries(root.imports).filter(([, from]) => from.startsWith("npm:"));
  for (const [name, specifier] of packages) assert.equal(imports[name], specifier, name);
  const { unstable, compilerOptions, fmt, lint, test } = own;
  assert.deepEqual({ unstable, compilerOptions, fmt, lint, test }, {
    unstable: root.unstable,
    compilerOptions: root.compilerOptions,
    fmt: root.fmt,
    lint: root.lint,
    test: root.test,
  });
});
