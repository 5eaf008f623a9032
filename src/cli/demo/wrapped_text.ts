/**
 * Wrapped text: breaks text into lines while it is still being written. What a model says may not
 * steer the terminal, so control characters are dropped.
 * @module
 */

export interface WrapOptions {
  /** Most characters in a line. */
  readonly width: number;
  /** Stands before every line; counts. */
  readonly indent?: string;
}

const LINE_END = /\n/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export class WrappedText {
  readonly #indent: string;
  readonly #width: number;
  /** Characters of the line under way, without its indent. */
  #column = 0;
  #word = "";

  constructor({ width, indent = "" }: WrapOptions) {
    this.#indent = indent;
    this.#width = Math.max(1, width - indent.length);
  }

  /** Takes the next piece of text; gives what of it can be written already: every whole word. */
  add(text: string): string {
    const pieces = text.replace(CONTROL, "").split(/(\s)/);
    return pieces.map((piece) => {
      if (!/^\s$/.test(piece)) return this.#grow(piece);
      return this.#placeWord() + (LINE_END.test(piece) ? this.#breakLine() : "");
    }).join("");
  }

  /** Gives the last word; the line is left open. */
  end(): string {
    return this.#placeWord();
  }

  #grow(piece: string): string {
    this.#word += piece;
    let written = "";
    while (this.#word.length > this.#width) {
      const rest = this.#word.slice(this.#width);
      this.#word = this.#word.slice(0, this.#width);
      written += this.#placeWord();
      this.#word = rest;
    }
    return written;
  }

  #placeWord(): string {
    const word = this.#word;
    if (word === "") return "";
    this.#word = "";
    if (this.#column === 0) {
      this.#column = word.length;
      return this.#indent + word;
    }
    if (this.#column + 1 + word.length <= this.#width) {
      this.#column += 1 + word.length;
      return ` ${word}`;
    }
    const broken = this.#breakLine();
    this.#column = word.length;
    return broken + this.#indent + word;
  }

  #breakLine(): string {
    this.#column = 0;
    return "\n";
  }
}

/** Text that is there as a whole, as lines. */
export function wrapText(text: string, options: WrapOptions): string[] {
  const wrapped = new WrappedText(options);
  return (wrapped.add(text) + wrapped.end()).split("\n");
}
