/**
 * Docs page: an OpenAPI document as one HTML page: nothing to load, nothing to run. Takes a document
 * of our own: what stands in it is taken for words, never for HTML.
 * @module
 */
import { schemaList, typeText } from "./docs_schema.ts";
import { escaped, marked } from "./html_text.ts";
import type { Schema } from "./openapi_schemas.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly description: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  readonly content: Readonly<Record<string, Media>>;
}

export interface DocsDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: object;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function docsPage({ info, paths, components }: DocsDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...operation,
    }))
  );
  const schemas = Object.entries(components.schemas);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)} ${escaped(info.version)}</title>
<style>${STYLE}</style>
<header>
<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
<p>${marked(info.description)} The same for machines: <a href="/openapi.json">/openapi.json</a>.</p>
</header>
<nav><table>${operations.map(navRow).join("")}</table></nav>
<main>
${operations.map(operationSection).join("\n")}
<h2>Schemas</h2>
${schemas.map(([name, schema]) => schemaSection(name, schema)).join("\n")}
</main>
</html>
`;
}

type Placed = Operation & { readonly path: string; readonly method: string };

function navRow({ operationId, method, path, summary }: Placed): string {
  return `<tr><td>${badge(method)}<td><a href="#${operationId}"><code>${escaped(path)}</code></a>` +
    `<td>${marked(summary)}`;
}

function operationSection(operation: Placed): string {
  const { operationId, method, path, summary, description, security, parameters } = operation;
  const media = operation.requestBody?.content["application/json"];
  return `<section id="${operationId}">
<h3>${badge(method)} <code>${escaped(path)}</code></h3>
<p>${marked(summary)}.${description ? ` ${marked(description)}` : ""}
${security?.length === 0 ? "Asks for no key." : ""}</p>
${parameters?.map(({ name, description }) => term(name, description)).join("") ?? ""}
${media ? requestPart(path, media) : ""}
<h4>Answers</h4>
<table>${Object.entries(operation.responses).map(answerRow).join("")}</table>
</section>`;
}

function requestPart(path: string, { schema, example }: Media): string {
  const body = JSON.stringify(example, null, 2);
  const call = `curl $TUTTI${path} -H 'content-type: application/json' -d '${body}'`;
  return `<h4>Request: ${typeText(schema)}</h4>\n<pre>${escaped(call)}</pre>`;
}

function answerRow([status, { description, content, headers = {} }]: [string, Answer]): string {
  const types = Object.entries(content).map(([type, { schema }]) =>
    `${typeText(schema)} <small>${escaped(type)}</small>`
  );
  const more = Object.entries(headers).map(([name, each]) => term(name, each.description));
  return `<tr><td><b>${status}</b><td>${marked(description)}${more.join("")}` +
    `<td>${types.join("<br>")}`;
}

function schemaSection(name: string, schema: Schema): string {
  const { description } = schema;
  return `<section id="schema-${name}"><details><summary><h3>${name}</h3></summary>
${typeof description === "string" ? `<p>${marked(description)}</p>` : ""}
${schemaList(schema)}
</details></section>`;
}

function term(name: string, description: string): string {
  return `<p><code>${escaped(name)}</code> ${marked(description)}</p>`;
}

function badge(method: string): string {
  return `<b class="${method.toLowerCase()}">${method}</b>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --quiet: #8881; --link: light-dark(#0b5cad, #7ab8ff); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem 1.5rem 6rem; }
h1 { margin-bottom: 0 } h1 small { font-weight: 400; opacity: .6 }
h3, h4 { margin: 1rem 0 .4rem } h4 { font-size: .95rem } summary h3 { display: inline }
summary { cursor: pointer; padding: .2rem 0 }
p { margin: .4rem 0 } a { color: var(--link) }
section { border-top: 1px solid var(--line); padding: .6rem 0 1rem; scroll-margin-top: 1rem }
section:target { background: var(--quiet) }
table { border-collapse: collapse; width: 100% }
td { padding: .25rem .8rem .25rem 0; vertical-align: top } td:first-child { width: 3.6rem } td:last-child { padding-right: 0 }
code, pre { font: .875em/1.5 ui-monospace, monospace }
pre { background: var(--quiet); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; overflow-x: auto }
ul { margin: .2rem 0; padding-left: 1.2rem; list-style: none } li { padding: .1rem 0 }
ul ul { border-left: 1px solid var(--line) }
b.get, b.post, b.delete { display: inline-block; min-width: 3.6rem; text-align: center; font-size: .75rem;
  border-radius: 4px; color: #fff; background: #2a6f4f } b.post { background: #1d5fa8 } b.delete { background: #a33a3a }
small, .type { opacity: .7 } .required { color: light-dark(#a33a3a, #ff9b9b) }
`;
