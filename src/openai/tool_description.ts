/**
 * Tool description: the tools of a request in a few words, for a model that may know of them and
 * cannot call them.
 * @module
 */
import { asRecord } from "./as_record.ts";

/** What a request says of tools, in its present form and its legacy one. */
export type ToolParameters = Readonly<Record<string, unknown>>;

/** Long schemas are cut: a model that cannot call a tool needs its purpose, not its every field. */
const MAX_PARAMETERS = 600;
const MAX_DESCRIPTION = 400;
/** All tools together. */
const MAX_TOTAL = 24_000;

/** A trailing user turn, or null where no tool may be called. */
export function toolsDescription(params: ToolParameters): string | null {
  const lines = toolLines(params);
  if (lines.length === 0 || params["tool_choice"] === "none") return null;
  return [
    "The assistant who writes the final answer has the tools below; here they cannot be called.",
    "Where one is needed, say which, with what arguments, and what to make of its result; never make a result up. Otherwise answer.",
    ...lines,
  ].join("\n");
}

function toolLines({ tools, functions }: ToolParameters): string[] {
  const listed = Array.isArray(tools) ? tools : [];
  const legacy = Array.isArray(functions) ? functions : [];
  const lines: string[] = [];
  let left = MAX_TOTAL;
  for (const tool of [...listed, ...legacy]) {
    const line = toolLine(tool);
    left -= line.length;
    if (left < 0) return [...lines, `- (and ${listed.length + legacy.length - lines.length} more)`];
    lines.push(line);
  }
  return lines;
}

function toolLine(tool: unknown): string {
  const { type, function: called, custom, ...rest } = asRecord(tool);
  const { name, description, parameters } = asRecord(called ?? custom ?? rest);
  const about = typeof description === "string" && description !== ""
    ? `: ${cut(description.replaceAll(/\s+/g, " ").trim(), MAX_DESCRIPTION)}`
    : "";
  const takes = parameters === undefined
    ? ""
    : ` Parameters: ${cut(JSON.stringify(parameters), MAX_PARAMETERS)}`;
  // A built-in tool has no name but its type. A name may be anything: a client wrote it.
  const word = [name, type].find((each) => typeof each === "string") ?? "(without a name)";
  return `- ${word}${about}${takes}`;
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
