/**
 * Key path: where a key stands in the file, and how that is written for people.
 * @module
 */

export type Path = readonly (string | number)[];

/** `["profiles", 0, "panel"]` as `profiles[0].panel`; unusual keys in quotes, as TOML has them. */
export function keyText(path: Path): string {
  return written(path, (index) => `[${index}]`);
}

/** The same for any index, `profiles[].panel`: the place in the schema. */
export function keyPattern(path: Path): string {
  return written(path, () => "[]");
}

/** Text of the file within a message: quoted, on one line, not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function written(path: Path, index: (step: number) => string): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return text + index(step);
    const key = /^[A-Za-z0-9_-]+$/.test(step) ? step : quote(step);
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
