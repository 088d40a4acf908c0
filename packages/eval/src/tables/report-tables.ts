import type { Comparison, Difference } from "../comparing/compare.ts";
import type { PooledDifference } from "../comparing/pool-comparisons.ts";
import { type QualityMeasure, qualityMeasures, type TraceQuality } from "../comparing/trace-quality.ts";
import type { Summary } from "../grading/summarise.ts";
import { interval, percent, points, probability, signedInterval } from "./numbers.ts";
import { type Column, type TableFormat, textTable } from "./text-table.ts";

const silent = ["ambiguous", "refused", "truncated", "unparsed", "error"] as const;

/** Columns of a table of summaries. */
export const summaryColumns: readonly Column<Summary>[] = [
  { title: "model", cell: ({ stage, model }) => stage ?? model },
  { title: "prompt", cell: ({ protocol }) => protocol },
  { title: "images", cell: ({ images }) => images },
  { title: "right", cell: ({ accuracy }) => percent(accuracy), align: "right" },
  { title: "95 %", cell: ({ low, high }) => interval(low, high), align: "right" },
  { title: "n", cell: ({ n }) => String(n), align: "right" },
  {
    title: "band over rules",
    cell: ({ band }) => (band === null ? "–" : `${percent(band.low)}–${percent(band.high)}`),
    align: "right",
  },
  {
    title: "not answered",
    cell: ({ answers, incomplete }) => {
      const said = silent.flatMap((status) =>
        answers[status] === 0 ? [] : [`${answers[status]} ${status}`],
      );
      return `${said.length === 0 ? "0" : said.join(", ")}${incomplete ? " (incomplete)" : ""}`;
    },
  },
];

/** Accuracy of every model and condition in percent, with what was not answered. */
export function summaryTable(summaries: readonly Summary[], format?: TableFormat): string {
  return textTable(summaryColumns, summaries, format);
}

export type ComparedRow = Difference & Partial<Comparison> & { holm?: number; label?: string };

/** Columns of a table of differences: those that the rows have something for. */
export function comparisonColumns(comparisons: readonly ComparedRow[]): Column<ComparedRow>[] {
  const some = (key: "won" | "holm" | "images") => comparisons.some((one) => one[key] !== undefined);
  type Row = ComparedRow;
  const right = "right" as const;
  return [
    { title: "comparison", cell: ({ label, from, to }) => label ?? `${to} − ${from}` },
    ...(some("images") ? [{ title: "images", cell: ({ images }: Row) => images ?? "–" }] : []),
    { title: "difference", cell: ({ difference }) => points(difference), align: right },
    { title: "95 %", cell: ({ low, high }) => signedInterval(low, high), align: right },
    { title: "p", cell: ({ p }) => probability(p), align: right },
    ...(some("holm")
      ? [{ title: "Holm", cell: ({ holm }: Row) => probability(holm ?? null), align: right }]
      : []),
    ...(some("won")
      ? [
          { title: "McNemar", cell: ({ mcnemar }: Row) => probability(mcnemar?.p ?? null), align: right },
          { title: "won", cell: ({ won }: Row) => String(won ?? "–"), align: right },
          { title: "lost", cell: ({ lost }: Row) => String(lost ?? "–"), align: right },
          { title: "detectable", cell: ({ detectable }: Row) => percent(detectable ?? null), align: right },
        ]
      : []),
    { title: "n", cell: ({ n }) => String(n), align: right },
  ];
}

/** Differences in points; McNemar, won and lost where there are any. */
export function comparisonTable(comparisons: readonly ComparedRow[], format?: TableFormat): string {
  return textTable(comparisonColumns(comparisons), comparisons, format);
}

/** A pooled difference with each run below it. */
export function pooledTable(
  pooled: readonly { label: string; pooled: PooledDifference }[],
  format?: TableFormat,
): string {
  type Row = { label: string; run: string; difference: number; low: number; high: number; p: number };
  const rows = pooled.flatMap(({ label, pooled }): Row[] => [
    { label, run: `all ${pooled.runs.length}`, ...pooled },
    ...pooled.runs.map((run) => ({ label: "", run: run.to, ...run })),
  ]);
  const columns: Column<Row>[] = [
    { title: "comparison", cell: ({ label }) => label },
    { title: "run", cell: ({ run }) => run },
    { title: "difference", cell: ({ difference }) => points(difference), align: "right" },
    { title: "95 %", cell: ({ low, high }) => signedInterval(low, high), align: "right" },
    { title: "p", cell: ({ p }) => probability(p), align: "right" },
  ];
  return textTable(columns, rows, format);
}

const measureTitles: Readonly<Record<QualityMeasure, string>> = {
  findingRight: "finding named right",
  findingCarried: "finding carried on",
  valuesInStem: "cited values in stem",
  trueChain: "true, consistent chain",
  rightWithTrueChain: "right, with true chain",
  rightWithoutTrueChain: "right, without true chain",
};

/** What the traces do, a column for each model, in percent with intervals. */
export function qualityTable(
  models: readonly { label: string; quality: TraceQuality }[],
  format?: TableFormat,
): string {
  const columns: Column<QualityMeasure>[] = [
    { title: "share of traces", cell: (measure) => measureTitles[measure] },
    ...models.map(
      ({ label, quality }): Column<QualityMeasure> => ({
        title: label,
        cell: (measure) => {
          const share = quality.measures?.[measure];
          return share === undefined ? "–" : `${percent(share.value)} ${interval(share.low, share.high)}`;
        },
        align: "right",
      }),
    ),
  ];
  return textTable(columns, qualityMeasures, format);
}
