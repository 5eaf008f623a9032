/**
 * Camel keys: from the file's names (`timeout_ms`) to the code's (`timeoutMs`).
 * @module
 */

type Camel<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Key;

export type CamelKeys<Table> = {
  readonly [Key in keyof Table & string as Camel<Key>]: Table[Key];
};

/** Renames the keys of one table, not of the tables in it. An absent key stays absent. */
export function camelKeys<Table extends object>(table: Table): CamelKeys<Table> {
  const renamed = Object.entries(table).map(([key, value]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(renamed) as CamelKeys<Table>;
}
