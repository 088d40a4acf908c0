import { percent } from "../tables/numbers.ts";
import { comparisonTable, summaryColumns } from "../tables/report-tables.ts";
import { type TableFormat, textTable } from "../tables/text-table.ts";
import { type Baselines, majorityOf } from "../tasks/baselines.ts";
import { findingsOf, warningsOf } from "./findings.ts";
import {
  claimsTable,
  dependenceTable,
  judgeTable,
  kindsTable,
  reasoningTable,
  subsetsTable,
} from "./part-tables.ts";
import type { Report, ReportTask } from "./report.ts";
import { scalingTable } from "./scaling-table.ts";

/** A report as Markdown: tables and sentences. Nothing in it that a data set or a model wrote is markup. */
export function reportMarkdown(report: Report): string {
  const { title, created, notice, tasks } = report;
  const head = [
    `# ${plain(title)}`,
    `*${plain(notice)}* Made ${created.slice(0, 16).replace("T", " ")} UTC.`,
  ];
  return `${[...head, ...tasks.flatMap((task) => [`## ${plain(task.task)}`, ...taskParts(task, "markdown")])].join("\n\n")}\n`;
}

/** The same for a terminal, without the title. */
export function reportLines({ tasks }: Report): string[] {
  return tasks
    .flatMap((task, at) => [
      ...(at === 0 ? [] : [""]),
      task.task,
      ...taskParts(task, "terminal").flatMap((part) => [...part.split("\n"), ""]),
    ])
    .slice(0, -1);
}

function taskParts(task: ReportTask, format: TableFormat): string[] {
  const { evaluations, comparisons, reliance } = task;
  const markdown = format === "markdown";
  const text = markdown ? plain : (line: string) => line;
  const rows = evaluations.flatMap(({ name, summaries }) => summaries.map((one) => ({ ...one, name })));
  const columns = [
    { title: "evaluation", cell: ({ name }: { name: string }) => name },
    ...summaryColumns.slice(1),
  ];
  const list = (lines: readonly string[]) =>
    lines.map((line) => `${markdown ? "- " : ""}${text(line)}`).join("\n");
  const findings = findingsOf(task);
  const titled = (title: string, table: string) =>
    markdown ? `### ${text(title)}\n\n${table}` : `${title}\n${table}`;
  const parts = [
    judgeTable(evaluations),
    dependenceTable(evaluations),
    claimsTable(evaluations),
    reasoningTable(evaluations),
    kindsTable(task),
    subsetsTable(task),
  ].flatMap((one) => (one === null ? [] : [titled(one.title, textTable(one.columns, one.rows, format))]));
  return [
    ...warningsOf(task).map((line) => (markdown ? `> **Note.** ${text(line)}` : `note: ${line}`)),
    textTable(columns as { title: string; cell: (row: (typeof rows)[number]) => string }[], rows, format),
    ...(task.baselines === null ? [] : [baselineLine(task.baselines)]),
    ...(comparisons.length === 0 ? [] : [comparisonTable(comparisons, format)]),
    ...(reliance.length === 0
      ? []
      : [titled("Change of reliance on the image (real minus swapped)", comparisonTable(reliance, format))]),
    ...parts,
    ...evaluations.flatMap(({ name, scaling }) =>
      scaling === null
        ? []
        : [titled(`${name}: several answers to each question`, scalingTable(scaling.curve, format))],
    ),
    ...evaluations.flatMap(({ name, calibration }) =>
      calibration === null || calibration.brier === null || calibration.ece === null
        ? []
        : [
            `${text(name)}: calibration by ${calibration.confidence === "vote-share" ? `the share of ${calibration.samples} samples` : "the likeliest option's probability"}: Brier ${calibration.brier.toFixed(3)}, ECE ${percent(calibration.ece.value)} % [${percent(calibration.ece.low)}, ${percent(calibration.ece.high)}]`,
          ],
    ),
    ...(findings.length === 0 ? [] : [list(findings)]),
  ];
}

const baselineLine = (one: Baselines) =>
  `Knowing nothing, on the ${one.n} questions with options: guessing ${percent(one.random)}, always the most frequent answer ${percent(majorityOf(one))}.`;

/** One line in which nothing is markup. */
function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ")
    .replace(/[\\`*_{}[\]<>()#+!|~&:]/g, (unit) => (/[:()+]/.test(unit) ? unit : `\\${unit}`));
}
