/**
 * Options: the command line of the bench.
 * @module
 */
import { parseArgs } from "node:util";
import { benchConfig, OF_FIVE, OF_THREE } from "./bench_config.ts";
import type { Target } from "./target.ts";

export interface Options {
  readonly json: boolean;
  /** A fifth of the time, for a first look. */
  readonly quick: boolean;
  readonly targets: readonly Target[];
  readonly upstreamPort: number;
  /** Figures whose names hold this. */
  readonly only: string;
}

/** Where other targets find the upstream, unless it is said otherwise. */
const UPSTREAM_PORT = 8091;

export const USAGE = `Usage: deno task bench [--json] [--quick] [--only TEXT]
                       [--target NAME=BASE_URL[#MODEL[,MODEL_OF_5]]]... [--upstream-port PORT]

Measures the gateway against the simulated upstream, each in a process of its own, and prints what
it is to reach and what it reaches. Runs for about two minutes.

  --json                print the figures as JSON
  --quick               measure each figure a fifth as long
  --only TEXT           only the figures whose names hold TEXT
  --target NAME=URL     measure another OpenAI-compatible fusion gateway too, through the same load;
                        URL as a client's base URL, and behind "#" the models that fuse the panels
                        of three and of five (default ${OF_THREE},${OF_FIVE})
  --upstream-port PORT  where the upstream listens (default ${UPSTREAM_PORT} with targets, else any)
  --help                this text

What needs the process (processor time, memory, start) is n/a for other targets. They must be
configured as this one is:

${benchConfig(`http://127.0.0.1:${UPSTREAM_PORT}/v1`).replace(/^/gm, "  ").trimEnd()}
`;

/** Undefined where help was asked for. @throws Error that says what cannot be understood. */
export function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      target: { type: "string", multiple: true, default: [] },
      "upstream-port": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const targets = values.target.map(readTarget);
  const port = values["upstream-port"] ?? (targets.length > 0 ? UPSTREAM_PORT : 0);
  return {
    json: values.json,
    quick: values.quick,
    only: values.only,
    targets,
    upstreamPort: Number(port),
  };
}

function readTarget(text: string): Target {
  const [, name, baseUrl, models] = /^([^=]+)=(https?:\/\/[^#]+?)\/?(?:#(.+))?$/.exec(text) ?? [];
  if (!name || !baseUrl) throw new Error(`--target must be NAME=BASE_URL, not "${text}"`);
  const [ofThree, ofFive] = models === undefined ? [OF_THREE, OF_FIVE] : models.split(",");
  return { name, baseUrl, ofThree: ofThree!, ...(ofFive ? { ofFive } : {}) };
}
