/**
 * Source files: the project's own modules with their texts and what they import, as `deno info` sees
 * it. For tests of how the house is built.
 * @module
 */

export interface SourceFile {
  /** From the project's root, as `src/fusion/course.ts`. */
  readonly path: string;
  readonly text: string;
  /** Paths of the project's own modules, and packages without their version, as `npm:zod`. */
  readonly imports: readonly string[];
}

const ROOT = new URL("../../", import.meta.url);

/** Every TypeScript file under the folders. */
export async function sourceFiles(folders: readonly string[]): Promise<SourceFile[]> {
  const paths = (await Promise.all(folders.map(filesUnder))).flat().sort();
  const imports = await importsOf(paths);
  return await Promise.all(paths.map(async (path) => ({
    path,
    text: await Deno.readTextFile(new URL(path, ROOT)),
    imports: imports.get(path) ?? [],
  })));
}

async function filesUnder(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesUnder(path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found;
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier: string };
      readonly type?: { readonly specifier: string };
    }[];
  }[];
}

/** One graph for all: of a module that imports every one of them. */
async function importsOf(paths: readonly string[]): Promise<Map<string, string[]>> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = paths.map((path) => `import ${JSON.stringify(new URL(path, ROOT).href)};`);
    await Deno.writeTextFile(entry, lines.join("\n"));
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", new URL("deno.json", ROOT).pathname, entry],
      stderr: "null",
    }).output();
    if (code !== 0) throw new Error(`deno info failed with ${code}`);
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
    return new Map(modules.map(({ specifier, dependencies = [] }) => [
      named(specifier),
      dependencies.map(({ code, type }) => named(code?.specifier ?? type?.specifier ?? "")),
    ]));
  } finally {
    await Deno.remove(entry);
  }
}

function named(specifier: string): string {
  if (specifier.startsWith(ROOT.href)) return specifier.slice(ROOT.href.length);
  return specifier.replace(/^npm:\/?((?:@[^/]+\/)?[^@/]+).*$/, "npm:$1");
}
