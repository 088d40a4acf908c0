import type { DemoReport, DemoSet, DemoStage, ProcessShares, ScoredShare, Share } from "@mede2/recipes";
import { countsText, percent, points, pValue } from "../numbers.ts";
import { bold, dim, type Output, type Piece } from "../output.ts";
import { duration } from "../progress.ts";
import { printTable } from "../table.ts";

const stages: readonly (readonly [DemoStage, string])[] = [
  ["base", "base"],
  ["stage1", "Stage I"],
  ["stage2", "Stage II"],
];
const nameOf = (stage: DemoStage): string => stages.find(([name]) => name === stage)![1];

const conditions = [
  ["real", "own image"],
  ["blank", "blank image"],
  ["swapped", "swapped image"],
] as const;

const measures: readonly (readonly [keyof ProcessShares, string])[] = [
  ["findingRight", "finding named right"],
  ["findingCarried", "finding carried into the rules"],
  ["valuesInStem", "cited values are in the stem"],
  ["rightAndTrue", "right, by a true and consistent chain"],
];

/** What a demo found: for each held-out set accuracy, comparisons, and what the answers do. */
export function printReport(output: Output, report: DemoReport): void {
  printSet(output, "Held out by combination of finding and facts", report);
  printSet(output, "Held out by case", report.byCase);
  const { pairs, settings, seconds } = report;
  output.line();
  output.line(
    dim(
      `The base counts with its better prompt: ${settings.basePrompt === "reason" ? "reason first" : "answer only"}. Seed ${settings.seed}. ${duration(seconds)}.`,
    ),
  );
  output.line(
    dim(
      `Pairs of Stage II: ${pairs.count} (${countsText(pairs.kinds)}), with both answers right ${pairs.bothRight}; left out: ${countsText(pairs.dropped)}.`,
    ),
  );
  if (pairs.count < fewPairs)
    output.line(
      { text: "warning: ", style: "yellow" },
      `with ${pairs.count} pairs Stage II has hardly learned anything, and what it differs by says nothing of the method`,
    );
}

/** Below this Stage II has fewer than ten steps. */
const fewPairs = 80;

function printSet(output: Output, title: string, set: DemoSet): void {
  output.line();
  output.line(bold(`${title}, ${set.models.base.real.n} questions`));
  const columns = [{ title: "" }, ...stages.map(([, name]) => ({ title: name, right: true }))];
  const row = (name: string, of: (stage: DemoStage) => Share | undefined): Piece[] => [
    name,
    ...stages.map(([stage]) => shareText(of(stage))),
  ];
  printTable(
    output,
    [{ title: "right answers, 95 % interval" }, ...columns.slice(1)],
    conditions.map(([key, name]) => row(name, (stage) => set.models[stage][key])),
  );
  output.line();
  printTable(
    output,
    [{ title: "what the answers do" }, ...columns.slice(1)],
    measures.map(([key, name]) => row(name, (stage) => set.process[stage]?.[key])),
  );
  output.line();
  printTable(
    output,
    [
      { title: "paired comparison" },
      { title: "images" },
      { title: "points", right: true },
      { title: "95 %", right: true },
      { title: "p", right: true },
    ],
    [
      ...set.comparisons.map((each) => ({ ...each, what: each.images === "real" ? "own" : each.images })),
      ...set.reliance.map((each) => ({ ...each, what: "reliance (own − swapped)" })),
    ].map(({ from, to, what, difference, low, high, p }) => [
      `${nameOf(from)} → ${nameOf(to)}`,
      what,
      {
        text: points(difference),
        style: low > 0 ? "green" : high < 0 ? "red" : "dim",
      },
      `[${points(low)}, ${points(high)}]`,
      pValue(p),
    ]),
  );
}

/** "bare answers": the model was not asked to reason, so there is nothing to look at. */
function shareText(share: Share | ScoredShare | undefined): string {
  if (share === undefined) return "bare answers";
  const { correct, n, low, high } = share;
  const excluded = "excluded" in share && share.excluded > 0 ? `, ${share.excluded} left out` : "";
  if (n === 0) return `none${excluded}`;
  return `${percent(correct / n)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]${excluded}`;
}
