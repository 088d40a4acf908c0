import { percent } from "../../tables/numbers.ts";
import { comparisonColumns, summaryColumns } from "../../tables/report-tables.ts";
import { majorityOf } from "../../tasks/baselines.ts";
import { findingsOf, warningsOf } from "../findings.ts";
import {
  claimsTable,
  dependenceTable,
  judgeTable,
  kindsTable,
  type PartTable,
  reasoningTable,
  subsetsTable,
} from "../part-tables.ts";
import type { ReportComparison, ReportEvaluation, ReportTask } from "../report.ts";
import { scalingColumns, scalingRows } from "../scaling-table.ts";
import { accuracyChart } from "./accuracy-chart.ts";
import { coverageChart, reliabilityChart } from "./calibration-chart.ts";
import { differenceChart } from "./difference-chart.ts";
import { examplesSection } from "./examples.ts";
import { flipsChart } from "./flips-chart.ts";
import { imageChart } from "./image-chart.ts";
import { legend } from "./legend.ts";
import { html, type Markup, type Piece } from "./markup.ts";
import { qualityChart } from "./quality-chart.ts";
import { scalingChart } from "./scaling-chart.ts";
import { table } from "./table.ts";

/** All that a report says of one task. */
export function taskSection(task: ReportTask, id: string): Markup {
  const { comparisons, reliance, evaluations, images } = task;
  const n = Math.max(0, ...evaluations.flatMap(({ summaries }) => summaries.map((one) => one.n)));
  const findings = findingsOf(task);
  const warnings = warningsOf(task);
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${task.task}</h2>
<p class="quiet">${n} questions · comparisons with ${images} images</p>
${warnings.length === 0 ? null : html`<ul class="warning" aria-label="Before you quote a number">${warnings.map((one) => html`<li>${one}</li>`)}</ul>`}
${findings.length === 0 ? null : html`<ul class="findings">${findings.map((one) => html`<li>${one}</li>`)}</ul>`}
<div class="cards">
${card("Accuracy", `% right with ${images} images and 95 % interval. The pale bar is the band over extraction rules${baselineWords(task)}.`, accuracyChart(task), [summaries(evaluations), part(judgeTable(evaluations))])}
${card("What each step was worth", "Difference in points and 95 % interval. Grey: a true difference as small as that would hardly show with this many questions.", differenceChart("Differences in accuracy", comparisons.map(row)), comparisons.length === 0 ? null : table("Differences in accuracy, in points", comparisonColumns(comparisons), comparisons))}
${card("Questions won and lost", "Where each question went from one evaluation to the next.", flipsChart(comparisons), null)}
${card("Does it need the image?", "% right with the real image and with something else in its place.", imageChart(task), [part(dependenceTable(evaluations)), part(claimsTable(evaluations))])}
${card("Change of reliance on the image", "Reliance is accuracy with real minus with swapped images. Its difference in points, question by question.", differenceChart("Change of reliance", reliance.map(row)), reliance.length === 0 ? null : table("Change of reliance, in points", comparisonColumns(reliance), reliance))}
${card("Right for the right reasons?", "Answers by whether they are right and whether their reasoning holds, as the programmatic MMRP sees it.", qualityChart(evaluations), part(reasoningTable(evaluations)))}
${evaluations.map(scaling)}${evaluations.map(reliability)}${coverage(evaluations)}
${card("Kinds of question", "% right and 95 % interval.", part(kindsTable(task)), null, "wide")}
${card("Parts of the questions", partWords(task), part(subsetsTable(task)), null, "wide")}
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

const part = (one: PartTable | null): Markup | null =>
  one === null ? null : table(one.title, one.columns, one.rows);

function baselineWords({ baselines }: ReportTask): string {
  if (baselines === null) return "";
  const { n, random } = baselines;
  return `; on the ${n} questions with options the broken line is guessing (${percent(random)}) and the dotted one always the most frequent answer (${percent(majorityOf(baselines))})`;
}

function partWords({ subsets }: ReportTask): string {
  const some = (name: (typeof subsets)[number]["name"]) => subsets.some((one) => one.name === name);
  return [
    "% right and 95 % interval.",
    ...(some("flagged") ? ["Found in training data: by an audit of words and pictures."] : []),
    ...(some("needs-image")
      ? [
          "Blind: without the image. Some blind answers are right by chance, so the rest is a little harder than what truly needs the image.",
        ]
      : []),
  ].join(" ");
}

function card(
  title: string,
  caption: string,
  drawing: Piece,
  tables: Piece,
  shape: "" | "wide" = "",
): Markup | null {
  if (drawing === null) return null;
  const data = Array.isArray(tables) && tables.every((one) => one === null) ? null : tables;
  return html`<figure class="${shape}"><figcaption><h3>${title}</h3><p class="quiet">${caption}</p></figcaption>${drawing}${data === null ? null : html`<details class="data"><summary>Numbers</summary>${data}</details>`}</figure>`;
}

function summaries(evaluations: readonly ReportEvaluation[]): Markup {
  const rows = evaluations.flatMap(({ name, summaries: own }) => own.map((one) => ({ ...one, name })));
  return table(
    "Accuracy in %, and what was not answered",
    [{ title: "evaluation", cell: ({ name }) => name }, ...summaryColumns.slice(1)],
    rows as (typeof rows)[number][],
  );
}

function scaling({ name, scaling: curve }: ReportEvaluation): Piece {
  if (curve === null) return null;
  const [answers, tokens, cost] = (["answers", "tokens", "cost"] as const).map((kind) =>
    scalingChart(curve, kind),
  );
  const caption = `${name}: % right of ${curve.n} questions over the number of answers. Broken lines: one answer by chance, and the bounds.`;
  const data = table("Several answers to each question", scalingColumns, scalingRows(curve.curve));
  return [
    answers ? card("Several answers", caption, html`${answers.drawing}${answers.legend}`, data) : null,
    tokens
      ? card(
          "Less thinking",
          `${name}: % right when an answer must end, or its thinking is cut and the answer forced, at so many tokens.`,
          html`${tokens.drawing}${tokens.legend}`,
          answers ? null : data,
        )
      : null,
    answers && tokens && cost
      ? card(
          "What tokens buy",
          `${name}: more answers and less thinking on one scale, the tokens that a question costs. Questions whose answer can be forced are among those that were asked several times.`,
          html`${cost.drawing}${cost.legend}`,
          null,
        )
      : null,
  ];
}

function reliability({ name, calibration: one }: ReportEvaluation): Markup | null {
  if (one === null || one.brier === null || one.ece === null) return null;
  const { value, low, high } = one.ece;
  const said = `Brier ${one.brier.toFixed(3)}, ECE ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}].`;
  const votes = one.confidence === "vote-share";
  const few = votes && one.samples < 8 ? ` With ${one.samples} samples the share is coarse.` : "";
  const asks = votes
    ? "is the most frequent answer right as often as the share of samples says?"
    : "is the likeliest option right as often as its probability behind the model's own thinking says?";
  return card(
    "Calibration",
    `${name}: ${asks} ${said}${few} Circles grow with the number of questions.`,
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
  "option-probability": "probability of the likeliest option",
  "token-probability": "mean probability of the written tokens",
} as const;
