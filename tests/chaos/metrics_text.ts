/**
 * Metrics text: sums of what `/metrics` shows.
 * @module
 */

export type MetricLabels = Readonly<Record<string, string>>;

/** Over all series of that name that have those labels; 0 where there is none. */
export function metricSum(text: string, name: string, labels: MetricLabels = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text.split("\n")
    .map((line) => /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line))
    .filter((match) => match?.[1] === name)
    .filter((match) => wanted.every((label) => match![2]?.split(",").includes(label)))
    .reduce((sum, match) => sum + Number(match![3]), 0);
}
