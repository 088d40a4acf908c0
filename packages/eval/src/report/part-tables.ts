import type { AuditShare } from "../auditing/image-audit.ts";
import type { QualityPart } from "../quality/reasoning-quality.ts";
import { interval, percent, points, probability, signedInterval } from "../tables/numbers.ts";
import type { Column } from "../tables/text-table.ts";
import type { ReportEvaluation, ReportSubset, ReportTask } from "./report.ts";

/** A table of a report, for the page, Markdown and the terminal alike. */
export interface PartTable {
  title: string;
  columns: readonly Column<readonly string[]>[];
  rows: readonly (readonly string[])[];
}

/** The order in which conditions of the image stand. */
export const conditionOrder = ["real", "swapped", "blank", "noise", "none", "options-only"] as const;

/** What the real image is worth over each other one. */
export function dependenceTable(evaluations: readonly ReportEvaluation[]): PartTable | null {
  const rows = evaluations.flatMap(({ name, audit }) =>
    conditionOrder.flatMap((images) => {
      const reliance = audit?.reliance[images];
      if (reliance === undefined) return [];
      const { difference, low, high, p } = reliance;
      const moved = audit?.sensitivity[images];
      return [
        [
          name,
          images,
          points(difference),
          signedInterval(low, high),
          probability(p),
          ...shareCells(moved ?? null),
        ],
      ];
    }),
  );
  const titles = ["evaluation", "instead", "lost by it", "95 %", "p", "answers changed, %", "95 %"];
  return tableOf("Real image against another", titles, 2, rows);
}

/** What the traces claim to see, and how many of those that do answer alike whatever they are shown. */
export function claimsTable(evaluations: readonly ReportEvaluation[]): PartTable | null {
  const rows = evaluations.flatMap(({ name, audit }) => {
    const claims = audit?.claims;
    if (!claims) return [];
    const { asserted, ungroundedOfAsserted: ungrounded, against } = claims;
    return [
      [name, ...shareCells(asserted), ...shareCells(ungrounded), against.join(", "), String(asserted.n)],
    ];
  });
  const titles = [
    "evaluation",
    "claim to see, %",
    "95 %",
    "of them ungrounded, %",
    "95 %",
    "answer alike with",
    "n",
  ];
  return tableOf("Claims of what is seen, and those whose answer no image changes", titles, 1, rows);
}

/** Accuracy by the kinds of questions, a column for each evaluation. */
export function kindsTable({ evaluations, images }: ReportTask): PartTable | null {
  const sides = evaluations.map(({ name, summaries }) => ({
    name,
    by: summaries.find((one) => one.images === images)?.by ?? {},
  }));
  const seen = new Set<string>();
  const rows = [...new Set(sides.flatMap(({ by }) => Object.keys(by)))].flatMap((tag) => {
    const own = [...new Set(sides.flatMap(({ by }) => Object.keys(by[tag] ?? {})))].map((kind) => {
      const parts = sides.map(({ by }) => by[tag]?.[kind]);
      const n = Math.max(...parts.map((part) => part?.n ?? 0));
      return [
        kindName(tag, kind),
        String(n),
        ...parts.map((part) => (part ? `${percent(part.accuracy)} ${interval(part.low, part.high)}` : "–")),
      ];
    });
    // a tag that parts the questions as one before it did (a modality for each specialty) says nothing new
    const cut = own
      .map(([, ...cells]) => cells.join())
      .sort()
      .join("\n");
    if (seen.has(cut)) return [];
    seen.add(cut);
    return own;
  });
  return tableOf(
    "Accuracy in % by kind of question",
    ["kind", "n", ...sides.map(({ name }) => name)],
    1,
    rows,
  );
}

const kindName = (tag: string, kind: string) =>
  `${tag}: ${kind.length > 60 ? `${kind.slice(0, 59)}…` : kind}`;

const subsetNames: Readonly<Record<ReportSubset["name"], string>> = {
  clean: "not found in training data",
  flagged: "found in training data",
  "needs-image": "not right for two blind evaluations",
  "blind-solvable": "right for two blind evaluations",
};

/** Accuracy on the parts that a reader should see apart. */
export function subsetsTable({ subsets, evaluations }: ReportTask): PartTable | null {
  const rows = subsets.map(({ name, accuracy }) => [
    subsetNames[name],
    String(Math.max(0, ...accuracy.map(({ share }) => share?.n ?? 0))),
    ...accuracy.map(({ share }) =>
      share === null ? "–" : `${percent(share.value)} ${interval(share.low, share.high)}`,
    ),
  ]);
  const names = evaluations.map(({ name }) => name);
  return tableOf("Accuracy in % on parts of the questions", ["questions", "n", ...names], 1, rows);
}

/** Answers and reasoning together: all, and by kind of question. */
export function reasoningTable(evaluations: readonly ReportEvaluation[]): PartTable | null {
  const row = (name: string, kind: string, part: QualityPart) => [
    name,
    kind,
    ...[part.rightGood, part.rightPoor, part.wrongGood, part.wrongPoor].map(({ value }) => percent(value)),
    ...shareCells(part.poorAmongRight),
    String(part.n),
  ];
  const rows = evaluations.flatMap(({ name, quality }) =>
    quality === null
      ? []
      : [
          row(name, "all", quality),
          ...Object.entries(quality.by).flatMap(([tag, parts]) =>
            Object.entries(parts).map(([kind, part]) => row("", kindName(tag, kind), part)),
          ),
        ],
  );
  const titles = ["evaluation", "kind", "right, sound", "right, not", "wrong, sound", "wrong, not"];
  return tableOf("Answers and reasoning, in %", [...titles, "of the right, not sound", "95 %", "n"], 2, rows);
}

/** The second score of a judge, beside ours. */
export function judgeTable(evaluations: readonly ReportEvaluation[]): PartTable | null {
  const rows = evaluations.flatMap(({ name, judge }) => {
    if (judge === null) return [];
    const { strict, withJudge, low, high, judged, right, unscored, n } = judge;
    const left = Object.entries(unscored).map(([why, count]) => `${count} ${why}`);
    return [
      [
        ...[name, judge.judge, judge.images, percent(strict), percent(withJudge), interval(low, high)],
        ...[String(judged), String(right), left.length === 0 ? "0" : left.join(", "), String(n)],
      ],
    ];
  });
  const titles = ["evaluation", "judge", "images", "strict", "with judge", "95 %", "judged", "of them right"];
  return tableOf("A judge's score, beside the strict one", [...titles, "unscored", "n"], 3, rows);
}

const shareCells = (share: AuditShare | null) =>
  share === null ? ["–", "–"] : [percent(share.value), interval(share.low, share.high)];

/** Null where there is nothing to show. Columns from `numbers` on stand right. */
function tableOf(
  title: string,
  titles: readonly string[],
  numbers: number,
  rows: readonly (readonly string[])[],
): PartTable | null {
  if (rows.length === 0) return null;
  const columns = titles.map(
    (name, at): Column<readonly string[]> => ({
      title: name,
      cell: (row) => row[at] ?? "–",
      align: at >= numbers ? "right" : "left",
    }),
  );
  return { title, columns, rows };
}
