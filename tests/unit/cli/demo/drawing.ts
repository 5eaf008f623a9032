/**
 * What tests of drawings need: a terminal's ink whose colours can be taken off again.
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { plainInk } from "../../../../src/cli/demo/ink.ts";

/** Lines as they look, colours and trailing blanks aside. */
export function looks(lines: readonly string[]): string {
  return lines.map((line) => stripVTControlCharacters(line).trimEnd()).join("\n");
}

/** Lines that are wider than plain ink allows, or hold anything but printable ASCII. */
export function notPlain(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.length > plainInk.width || /[^\x20-\x7e]/.test(line));
}
