import { percent, points, probability, signedInterval } from "../../tables/numbers.ts";
import { comparisonColumns, summaryColumns } from "../../tables/report-tables.ts";
import { findingsOf, warningsOf } from "../findings.ts";
import type { ReportComparison, ReportEvaluation, ReportTask } from "../report.ts";
import { scalingColumns, scalingRows } from "../scaling-table.ts";
import { accuracyChart } from "./accuracy-chart.ts";
import { coverageChart, reliabilityChart } from "./calibration-chart.ts";
import { differenceChart } from "./difference-chart.ts";
import { examplesSection } from "./examples.ts";
import { flipsChart, flipsLegend } from "./flips-chart.ts";
import { conditionOrder, imageChart } from "./image-chart.ts";
import { legend } from "./legend.ts";
import { html, type Markup, type Piece } from "./markup.ts";
import { scalingChart } from "./scaling-chart.ts";
import { table } from "./table.ts";

/** All that a report says of one task. */
export function taskSection(task: ReportTask, id: string): Markup {
  const { comparisons, reliance, evaluations, images } = task;
  const n = Math.max(0, ...evaluations.flatMap(({ summaries }) => summaries.map((one) => one.n)));
  const findings = findingsOf(task);
  const warnings = warningsOf(task);
  const flips = flipsChart(comparisons);
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${task.task}</h2>
<p class="quiet">${n} questions · comparisons with ${images} images</p>
${warnings.length === 0 ? null : html`<ul class="warning" aria-label="Before you quote a number">${warnings.map((one) => html`<li>${one}</li>`)}</ul>`}
${findings.length === 0 ? null : html`<ul class="findings">${findings.map((one) => html`<li>${one}</li>`)}</ul>`}
<div class="cards">
${card("Accuracy", `% right with ${images} images and 95 % interval. The pale bar is the band over extraction rules${task.baselines === null ? "" : "; the broken line is guessing"}.`, accuracyChart(task), summaries(evaluations))}
${card("What each step was worth", "Difference in points and 95 % interval. Grey: a true difference as small as that would hardly show with this many questions.", differenceChart("Differences in accuracy", comparisons.map(row)), comparisons.length === 0 ? null : table("Differences in accuracy, in points", comparisonColumns(comparisons), comparisons))}
${card("Questions won and lost", "Where each question went from one evaluation to the next.", flips === null ? null : html`${flips}${flipsLegend(comparisons)}`, null)}
${card("Change of reliance on the image", "Reliance is accuracy with real minus with swapped images. Its difference in points, question by question.", differenceChart("Change of reliance", reliance.map(row)), reliance.length === 0 ? null : table("Change of reliance, in points", comparisonColumns(reliance), reliance))}
${card("Does it need the image?", "% right with the real image and with something else in its place.", imageChart(task), dependence(evaluations))}
${evaluations.map(scaling)}${evaluations.map(reliability)}${coverage(evaluations)}
</div>
${examplesSection(task.examples, `${id}-examples`)}
</section>`;
}

const row = (
  one: Pick<ReportComparison, "from" | "to" | "difference" | "low" | "high" | "p"> & {
    detectable?: number | null;
  },
) => ({
  ...one,
  label: `${one.to} − ${one.from}`,
});

function card(title: string, caption: string, drawing: Piece, data: Markup | null): Markup | null {
  if (drawing === null) return null;
  return html`<figure><figcaption><h3>${title}</h3><p class="quiet">${caption}</p></figcaption>${drawing}${data === null ? null : html`<details class="data"><summary>Numbers</summary>${data}</details>`}</figure>`;
}

function summaries(evaluations: readonly ReportEvaluation[]): Markup {
  const rows = evaluations.flatMap(({ name, summaries: own }) => own.map((one) => ({ ...one, name })));
  return table(
    "Accuracy in %, and what was not answered",
    [{ title: "evaluation", cell: ({ name }) => name }, ...summaryColumns.slice(1)],
    rows as (typeof rows)[number][],
  );
}

function dependence(evaluations: readonly ReportEvaluation[]): Markup | null {
  const rows = evaluations.flatMap(({ name, audit }) =>
    conditionOrder.flatMap((images) => {
      const reliance = audit?.reliance[images as "swapped"];
      const sensitivity = audit?.sensitivity[images as "swapped"];
      return reliance === undefined ? [] : [{ name, images, reliance, sensitivity }];
    }),
  );
  if (rows.length === 0) return null;
  const right = "right" as const;
  return table(
    "Real image against another",
    [
      { title: "evaluation", cell: ({ name }) => name },
      { title: "instead", cell: ({ images }) => images },
      { title: "lost by it", cell: ({ reliance }) => points(reliance.difference), align: right },
      { title: "95 %", cell: ({ reliance }) => signedInterval(reliance.low, reliance.high), align: right },
      { title: "p", cell: ({ reliance }) => probability(reliance.p), align: right },
      {
        title: "answers changed, %",
        cell: ({ sensitivity }) => percent(sensitivity?.value ?? null),
        align: right,
      },
    ],
    rows,
  );
}

function scaling({ name, scaling: curve }: ReportEvaluation): Piece {
  const answers = curve === null ? null : scalingChart(curve, "answers");
  const tokens = curve === null ? null : scalingChart(curve, "tokens");
  if (curve === null) return null;
  const caption = `${name}: % right of ${curve.n} questions over the number of answers. Broken lines: one answer by chance, and the bounds.`;
  const data = table("Several answers to each question", scalingColumns, scalingRows(curve.curve));
  return [
    answers === null
      ? null
      : card("Several answers", caption, html`${answers.drawing}${answers.legend}`, data),
    tokens === null
      ? null
      : card(
          "Less thinking",
          `${name}: % right when an answer must end, or its thinking is cut and the answer forced, at so many tokens.`,
          html`${tokens.drawing}${tokens.legend}`,
          answers === null ? data : null,
        ),
  ];
}

function reliability({ name, calibration: one }: ReportEvaluation): Markup | null {
  if (one === null || one.brier === null || one.ece === null) return null;
  const { value, low, high } = one.ece;
  const said = `Brier ${one.brier.toFixed(3)}, ECE ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}].`;
  const few = one.samples < 8 ? ` With ${one.samples} samples the share is coarse.` : "";
  return card(
    "Calibration",
    `${name}: is the most frequent answer right as often as the share of samples says? ${said}${few} Circles grow with the number of questions.`,
    reliabilityChart(one),
    null,
  );
}

function coverage(evaluations: readonly ReportEvaluation[]): Markup | null {
  const lines = evaluations.flatMap(({ name, calibration }, series) =>
    calibration === null ? [] : [{ name, series, calibration }],
  );
  const drawing = coverageChart(lines);
  if (drawing === null) return null;
  const right = "right" as const;
  const data = table(
    "Area under the curve of errors by coverage",
    [
      { title: "evaluation", cell: ({ name }) => name },
      { title: "sureness", cell: ({ calibration }) => sureness[calibration.confidence] },
      { title: "area", cell: ({ calibration }) => calibration.aurc.toFixed(3), align: right },
      {
        title: "above the best order",
        cell: ({ calibration }) => calibration.excess.toFixed(3),
        align: right,
      },
      { title: "n", cell: ({ calibration }) => String(calibration.n), align: right },
    ],
    lines,
  );
  const kinds = [...new Set(lines.map(({ calibration }) => sureness[calibration.confidence]))].join(", or ");
  return card(
    "Errors by coverage",
    `% wrong of the answers that are kept when the least sure are left out. Sureness: ${kinds}. A useful one makes the line rise to the right.`,
    html`${drawing}${legend(lines)}`,
    data,
  );
}

const sureness = {
  "vote-share": "share of the samples that agree",
  "token-probability": "mean probability of the written tokens",
} as const;
