import {
  type PooledDifference,
  poolComparisons,
  poolUnits,
  type QualityMeasure,
  qualityUnits,
} from "@mede2/eval";
import { wilson } from "@mede2/stats";
import type { EvaluatedModel } from "../demo/evaluate-model.ts";
import type { Arm } from "./arm.ts";
import { controlArms } from "./arms.ts";
import type { UnitResult } from "./run-unit.ts";
import { allArms, studyArms } from "./study-arms.ts";

const percent = (fraction: number): string => (100 * fraction).toFixed(1);
const signed = (fraction: number): string =>
  `${fraction >= 0 ? "+" : "−"}${Math.abs(100 * fraction).toFixed(1)}`;
const measures: readonly (readonly [QualityMeasure, string])[] = [
  ["findingRight", "finding named right"],
  ["findingCarried", "finding carried"],
  ["valuesInStem", "values in the stem"],
  ["rightWithTrueChain", "right with a true chain"],
];

/** The experiment as Markdown: every arm over all units, the claims of the two stages, and Stage II against each control. */
export function experimentMarkdown(units: readonly UnitResult[]): string {
  const arms = [...new Set(units.flatMap(({ models }) => Object.keys(models)))];
  return [
    "### Accuracy and what the answers do, mean over bases and seeds",
    armTable(units, arms),
    "### The two stages",
    stageTable(units),
    "### The stages against each control",
    differenceTable(units, controlArms),
    ...(studied(units)
      ? ["### The stages against each change of the recipe", differenceTable(units, studyArms)]
      : []),
    "### Each base and seed",
    unitTable(units),
  ].join("\n\n");
}

const studied = (units: readonly UnitResult[]): boolean =>
  units.some(({ models }) => studyArms.some(({ name }) => name in models));

function armTable(units: readonly UnitResult[], arms: readonly string[]): string {
  // who was asked for the bare answer shows no reasoning
  const bare = new Set(allArms.filter(({ style }) => style === "direct").map(({ name }) => name));
  if (units.every(({ report }) => report.settings.basePrompt === "direct")) bare.add("base");
  const rows = arms.map((arm) => {
    const models = units.flatMap(({ models }) => models[arm] ?? []);
    const about = allArms.find(({ name }) => name === arm)?.about ?? "";
    return [
      arm,
      String(models.length),
      accuracyCell(models, "real"),
      accuracyCell(models, "blank"),
      accuracyCell(models, "swapped"),
      ...measures.map(([measure]) =>
        bare.has(arm) ? "–" : percent(mean(models.map((model) => qualityShare(model, measure)))),
      ),
      about,
    ];
  });
  return markdownTable(
    ["arm", "runs", "real, %", "blank", "swapped", ...measures.map(([, title]) => title), ""],
    rows,
  );
}

function accuracyCell(models: readonly EvaluatedModel[], images: "real" | "blank" | "swapped"): string {
  const counts = models.map(({ records }) => {
    const own = records.filter((record) => record.images === images && !("excluded" in record.outcome));
    return {
      right: own.filter(({ outcome }) => "correct" in outcome && outcome.correct === true).length,
      n: own.length,
    };
  });
  const n = counts.reduce((sum, each) => sum + each.n, 0);
  if (n === 0) return "–";
  const right = counts.reduce((sum, each) => sum + each.right, 0);
  const { low, high } = wilson(right, n);
  return `${percent(right / n)} [${percent(low)}, ${percent(high)}]`;
}

function qualityShare({ quality }: EvaluatedModel, measure: QualityMeasure): number {
  return quality.filter(({ values }) => values[measure] === 1).length / Math.max(1, quality.length);
}

function stageTable(units: readonly UnitResult[]): string {
  const pairs = [
    ["base", "stage1"],
    ["stage1", "stage2"],
    ["base", "stage2"],
  ] as const;
  const rows = pairs.flatMap(([from, to]) => [
    differenceRow(`${to} − ${from}`, "accuracy, real images", accuracyPool(units, from, to, "accuracy")),
    differenceRow(`${to} − ${from}`, "reliance (real − swapped)", accuracyPool(units, from, to, "reliance")),
    ...(from === "base"
      ? []
      : measures.map(([measure, title]) =>
          differenceRow(`${to} − ${from}`, title, qualityPool(units, from, to, measure)),
        )),
  ]);
  return markdownTable(["comparison", "measure", "difference, points [95 %]", "p", "between runs, SD"], rows);
}

/** One row an arm: Stage II, or Stage I for the arms of its kind, minus the arm. */
function differenceTable(units: readonly UnitResult[], arms: readonly Arm[]): string {
  const rows = arms
    .filter(({ name }) => units.some(({ models }) => name in models))
    .map(({ name, style, against }) => [
      `${against} − ${name}`,
      String(units.filter(({ models }) => name in models).length),
      interval(accuracyPool(units, name, against, "accuracy")),
      interval(accuracyPool(units, name, against, "reliance")),
      ...(["findingRight", "rightWithTrueChain"] as const).map((measure) =>
        style === "direct" ? "–" : interval(qualityPool(units, name, against, measure)),
      ),
    ]);
  return markdownTable(
    ["difference, points [95 %]", "runs", "accuracy", "reliance", "finding named right", "right, true chain"],
    rows,
  );
}

function accuracyPool(
  units: readonly UnitResult[],
  from: string,
  to: string,
  measure: "accuracy" | "reliance",
): PooledDifference {
  const runs = units
    .filter(({ models }) => from in models && to in models)
    .map(({ base, seed, models }) => ({
      name: `${base}, seed ${seed}`,
      a: models[from]!.records,
      b: models[to]!.records,
    }));
  return poolComparisons(runs, { measure });
}

function qualityPool(
  units: readonly UnitResult[],
  from: string,
  to: string,
  measure: QualityMeasure,
): PooledDifference {
  return poolUnits(
    units
      .filter(({ models }) => from in models && to in models)
      .map(({ base, seed, models }) => ({
        name: `${base}, seed ${seed}`,
        ...qualityUnits(models[from]!.quality, models[to]!.quality, measure),
      })),
  );
}

const interval = ({ difference, low, high }: PooledDifference): string =>
  `${signed(difference)} [${signed(low)}, ${signed(high)}]`;

function differenceRow(comparison: string, measure: string, pooled: PooledDifference): string[] {
  const { p, betweenRuns } = pooled;
  const spread = betweenRuns === null ? "–" : percent(betweenRuns);
  return [comparison, measure, interval(pooled), p < 0.001 ? "< 0.001" : p.toFixed(3), spread];
}

function unitTable(units: readonly UnitResult[]): string {
  const rows = units.map(({ base, seed, report }) => [
    base,
    String(seed),
    ...(["base", "stage1", "stage2"] as const).flatMap((stage) => [
      percent(report.models[stage].real.correct / report.models[stage].real.n),
      percent(report.models[stage].swapped.correct / report.models[stage].swapped.n),
    ]),
    ...(["base", "stage1", "stage2"] as const).map((stage) =>
      percent(report.byCase.models[stage].real.correct / report.byCase.models[stage].real.n),
    ),
    `${report.pairs.count} (${report.pairs.bothRight})`,
  ]);
  return markdownTable(
    [
      "base model",
      "seed",
      "base",
      "swapped",
      "Stage I",
      "swapped",
      "Stage II",
      "swapped",
      "by case: base",
      "Stage I",
      "Stage II",
      "pairs (both right)",
    ],
    rows,
  );
}

function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
