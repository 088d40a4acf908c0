import { textTable } from "@mede2/eval";
import type { FilmsComparison, FilmsCondition, FilmsReport, FilmsRow, FilmsShare } from "./films-report.ts";

const percent = (value: number) => (100 * value).toFixed(1);
const span = ({ low, high }: { low: number; high: number }) => `[${percent(low)}, ${percent(high)}]`;
const points = (value: number) => `${value < 0 ? "−" : "+"}${percent(Math.abs(value))}`;
const condition = (each: FilmsCondition) => `${percent(each.correct / each.n)} ${span(each)}`;

const shareCell = (share: FilmsShare | undefined) => (share === undefined ? "–" : percent(share.value));

/** The tables of a report: accuracy, what the answers say, calibration, comparisons. */
export function filmsMarkdown(report: FilmsReport): string {
  const { films, rows, comparisons, pairs } = report;
  const right = "right" as const;
  const name = { title: "model, prompt", cell: ({ stage, style }: FilmsRow) => `${stage}, ${style}` };
  const accuracy = textTable<FilmsRow>(
    [
      name,
      { title: "real", align: right, cell: ({ real }) => condition(real) },
      { title: "blank", align: right, cell: ({ blank }) => condition(blank) },
      { title: "swapped", align: right, cell: ({ swapped }) => condition(swapped) },
      {
        title: "reliance",
        align: right,
        cell: ({ reliance: { difference, low, high } }) =>
          `${points(difference)} [${points(low)}, ${points(high)}]`,
      },
      { title: "normal", align: right, cell: ({ byLabel }) => shareCell(byLabel.normal) },
      { title: "pneumonia", align: right, cell: ({ byLabel }) => shareCell(byLabel.pneumonia) },
    ],
    rows,
    "markdown",
  );
  const process = textTable<FilmsRow>(
    [
      name,
      { title: "finding named", align: right, cell: ({ findingNamed }) => percent(findingNamed.value) },
      {
        title: "right with finding",
        align: right,
        cell: ({ rightWithFinding }) => `${percent(rightWithFinding.value)} ${span(rightWithFinding)}`,
      },
      {
        title: "right with whole chain",
        align: right,
        cell: ({ rightWithWholeChain }) =>
          `${percent(rightWithWholeChain.value)} ${span(rightWithWholeChain)}`,
      },
      { title: "Brier", align: right, cell: ({ calibration }) => calibration?.brier.toFixed(3) ?? "–" },
      { title: "ECE", align: right, cell: ({ calibration }) => calibration?.ece.toFixed(3) ?? "–" },
      {
        title: "AUROC",
        align: right,
        cell: ({ calibration }) => calibration?.auroc?.value.toFixed(3) ?? "–",
      },
      {
        title: "of n",
        align: right,
        cell: ({ calibration }) => (calibration === null ? "–" : String(calibration.n)),
      },
    ],
    rows,
    "markdown",
  );
  const differences = textTable<FilmsComparison>(
    [
      { title: "measure", cell: ({ measure }) => measure },
      { title: "from", cell: ({ from }) => from },
      { title: "to", cell: ({ to }) => to },
      {
        title: "difference, points",
        align: right,
        cell: ({ difference, low, high }) => `${points(difference)} [${points(low)}, ${points(high)}]`,
      },
      { title: "p", align: right, cell: ({ p }) => (p < 0.001 ? "< 0.001" : p.toFixed(3)) },
    ],
    comparisons,
    "markdown",
  );
  return [
    `${films.training} training films; ${films.heldOut} held-out films of ${films.patients} patients, majority class ${percent(films.majority)} %; ${pairs.count} pairs, ${pairs.bothRight} with both answers right. Accuracy in % with 95 % intervals.`,
    accuracy,
    process,
    differences,
  ].join("\n\n");
}
