/**
 * Prints the table of clients and features, as tested, in Markdown:
 * deno run --config tests/compat/deno.json --allow-env --allow-sys --allow-read tests/compat/table.ts
 * @module
 */
import { CLIENTS } from "./clients.ts";
import config from "./deno.json" with { type: "json" };
import type { Client, Feature } from "./feature.ts";

const COLUMNS: readonly Feature["name"][] = [
  "text",
  "tools",
  "structured",
  "errors",
  "broken stream",
  "abort",
];

/** The packages that a client is made of, with their versions. */
function versioned(name: string): string {
  const imports: Readonly<Record<string, string>> = config.imports;
  return name.split(", ").map((part) => {
    const version = imports[part]?.split("@").at(-1);
    return version === undefined ? part : `\`${part}\` ${version}`;
  }).join(", ");
}

function cell({ features }: Client, column: Feature["name"]): string {
  const ways = features.filter(({ name }) => name === column);
  if (ways.length === 0) return "–";
  const [whole, stream] = [false, true].map((streamed) =>
    ways.filter((way) => way.streamed === streamed).map(({ by }) => by).join()
  );
  if (whole === stream) return `${whole}, whole and streamed`;
  return [whole, stream && `${stream} (stream)`].filter(Boolean).join(", ");
}

export function clientTable(): string {
  const rows = CLIENTS.map((client) => [
    versioned(client.name),
    ...COLUMNS.map((column) => cell(client, column)),
  ]);
  const lines = [["client", ...COLUMNS], ["client", ...COLUMNS].map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

// deno-lint-ignore no-console -- it is what this is for
if (import.meta.main) console.log(clientTable());
