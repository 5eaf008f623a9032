/**
 * JSON shape: how deep and how much a JSON text is, told from its bytes in one pass, before anybody
 * parses it: a parser takes two seconds for ten million brackets, this stops at the first too many.
 * Of a text that is no JSON it tells something, of one that is it tells the truth.
 * @module
 */

export interface JsonShape {
  /** How deep objects and arrays stand in one another. */
  readonly depth: number;
  /** Values below the root. */
  readonly values: number;
  /** Members of the root object, one that is there twice counted twice. */
  readonly members: number;
}

/** Where to stop looking: the shape is then that of the text so far. */
export interface ShapeLimits {
  readonly maxDepth: number;
  readonly maxValues: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export function jsonShape(bytes: Uint8Array, { maxDepth, maxValues }: ShapeLimits): JsonShape {
  let open = 0;
  let depth = 0;
  let values = 0;
  let members = 0;
  for (let at = 0; at < bytes.length && depth <= maxDepth && values <= maxValues; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = endOfString(bytes, at);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++open > depth) depth = open;
        if (!isEmpty(bytes, at)) values++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        open--;
        break;
      case COMMA:
        values++;
        break;
      case COLON:
        if (open === 1) members++;
        break;
    }
  }
  return { depth, values, members };
}

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Whether the object or array that opens at `start` closes at once. */
function isEmpty(bytes: Uint8Array, start: number): boolean {
  let next = start + 1;
  while (isSpace(bytes[next])) next++;
  return bytes[next] === CLOSE_ARRAY || bytes[next] === CLOSE_OBJECT;
}

/** Where the string that starts at `start` ends. Long ones, such as images, are crossed in a leap. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let end = start;;) {
    end = bytes.indexOf(QUOTE, end + 1);
    if (end < 0) return bytes.length;
    let from = end;
    while (bytes[from - 1] === BACKSLASH) from--;
    if ((end - from) % 2 === 0) return end;
  }
}
