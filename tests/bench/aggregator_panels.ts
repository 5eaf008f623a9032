/**
 * Recorded panels: reads a file of recorded answers and draws panels from it, the same ones each time.
 *
 * A row is `{"prompt", "answers": {model: {"text", "win"}}}`; models named `adversary-…` are attacks.
 * @module
 */
import * as z from "zod";
import { seededRandom, shuffled } from "../../src/fusion/seeded_random.ts";

const rowSchema = z.object({
  prompt: z.string(),
  answers: z.record(z.string(), z.object({ text: z.string(), win: z.number() })),
});
export type Row = z.infer<typeof rowSchema>;

export interface RecordedAnswer {
  readonly model: string;
  readonly text: string;
  readonly win: number;
}

export interface Panel {
  readonly answers: readonly RecordedAnswer[];
  /** The attack's place; null where all are honest. */
  readonly attackAt: number | null;
}

/** @throws SyntaxError or ZodError where a line is no row. */
export function parseRows(text: string): Row[] {
  return text.split("\n").filter((line) => line.trim() !== "")
    .map((line) => rowSchema.parse(JSON.parse(line)));
}

export const NULLMODEL = "adversary-nullmodel";
export const LAZY = "adversary-lazy";

export const isAttack = (model: string): boolean => model.startsWith("adversary-");

export function answersOf(row: Row): RecordedAnswer[] {
  return Object.entries(row.answers).map(([model, { text, win }]) => ({ model, text, win }));
}

/** `perRow` panels of each row: `honest` answers, and the `attack` model's at a drawn place. */
export function drawPanels(
  rows: readonly Row[],
  options: { readonly honest: number; readonly attack: string | null; readonly perRow: number },
): Panel[] {
  const random = seededRandom(`panels/${options.honest}/${options.attack}`);
  return rows.flatMap((row) => {
    const all = answersOf(row);
    const honest = all.filter(({ model }) => !isAttack(model));
    const attack = all.find(({ model }) => model === options.attack);
    if (honest.length < options.honest || (options.attack !== null && !attack)) return [];
    return Array.from({ length: options.perRow }, () => {
      const drawn = shuffled(honest, random).slice(0, options.honest);
      if (!attack) return { answers: drawn, attackAt: null };
      const attackAt = Math.floor(random() * (drawn.length + 1));
      return { answers: drawn.toSpliced(attackAt, 0, attack), attackAt };
    });
  });
}
