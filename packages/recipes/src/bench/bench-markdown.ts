import type { BenchReport, BenchRow } from "./bench-report.ts";

/** The report as Markdown: what was measured on what, and the table. `command` is how it was started, `date` when. */
export function benchMarkdown(report: BenchReport, command: string, date: string): string {
  const { machine, versions, models } = report;
  const facts = [
    `\`${command}\` on ${date}, ${Math.round(report.seconds)} s.`,
    `${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memoryBytes)} of memory; ${report.threads} threads;`,
    report.gemmGflops === null
      ? "no row could be measured."
      : `matrix product ${Math.round(report.gemmGflops)} GFLOPS in the same run.`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    ...Object.entries(models).map(
      ([name, { parameters, weights }]) => `${name}: ${millions(parameters)} parameters, weights ${weights}.`,
    ),
    ...(report.quick ? ["A quick run: too few rounds for a claim."] : []),
  ];
  return `${facts.join("\n")}\n\n${table(report.rows)}\n${settingsList(report)}${missingList(report)}`;
}

/** How the sides were set, where several rows share it once. */
function settingsList({ rows }: BenchReport): string {
  const told = rows.map(
    ({ work, terms, peer, settings }) =>
      `* ${work.replace(/-\d+$/, "")}, ${terms}: ours ${settings.ours}; ${peer} ${settings.theirs}`,
  );
  return told.length === 0 ? "" : `\nSettings:\n\n${[...new Set(told)].join("\n")}\n`;
}

function missingList({ missing }: BenchReport): string {
  const byReason = new Map<string, string[]>();
  for (const { work, model, terms, peer, reason } of missing)
    byReason.set(reason, [...(byReason.get(reason) ?? []), `${work} ${model} ${terms} against ${peer}`]);
  const lines = [...byReason].map(([reason, rows]) => `* ${rows.join("; ")}: ${reason}`);
  return lines.length === 0 ? "" : `\nNot measured:\n\n${lines.join("\n")}\n`;
}

/** `text` with what stands between the marks replaced by `part`; without marks, `part` between new ones at the end. */
export function replaceBenchPart(text: string, part: string): string {
  const [begin, end] = ["<!-- bench: begin -->", "<!-- bench: end -->"];
  const made = `${begin}\n${part}${end}`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return `${text === "" ? "" : `${text.trimEnd()}\n\n`}${made}\n`;
  return text.slice(0, from) + made + text.slice(to + end.length);
}

const columns: readonly (readonly [title: string, cell: (row: BenchRow) => string])[] = [
  ["work", ({ work }) => work],
  ["model", ({ model }) => model],
  ["terms", ({ terms }) => terms],
  ["ours", ({ ours }) => rate(ours)],
  ["theirs", ({ theirs }) => rate(theirs)],
  ["unit", ({ unit }) => unit],
  ["peer", ({ peer }) => peer],
  ["ratio", ({ ratio }) => `**${ratio.toFixed(2)}**`],
  ["95 %", ({ ratioInterval: [low, high] }) => `${low.toFixed(2)}–${high.toFixed(2)}`],
  ["share of matrix product", ({ floorShare }) => `${Math.round(100 * floorShare)} %`],
  [
    "memory, ours / theirs",
    ({ memoryRatio, memoryBytes }) =>
      `${memoryRatio.toFixed(2)} (${mebibytes(memoryBytes.ours)} / ${mebibytes(memoryBytes.theirs)} MiB)`,
  ],
  [
    "first step after, s",
    ({ firstStepSeconds: { ours, theirs } }) => `${ours.toFixed(1)} / ${theirs.toFixed(1)}`,
  ],
  ["rounds", ({ rounds }) => String(rounds)],
  ["agreement", ({ agreement }) => agreementText(agreement)],
  ["batch", ({ batch }) => batch],
];

function table(rows: readonly BenchRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join("\n");
}

function agreementText(agreement: BenchRow["agreement"]): string {
  return agreement.kind === "loss"
    ? agreement.difference === 0
      ? "loss equal"
      : `loss within ${agreement.difference.toExponential(0)}`
    : `${(100 * agreement.equal).toFixed(1)} % equal tokens`;
}

const rate = (value: number): string =>
  value < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en-US");
const mebibytes = (bytes: number): string => Math.round(bytes / 2 ** 20).toLocaleString("en-US");
const gibibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GiB`;
const millions = (count: number): string => `${(count / 1e6).toFixed(1)} M`;
