import {
  type PooledDifference,
  poolComparisons,
  poolUnits,
  type QualityMeasure,
  qualityUnits,
} from "@mede2/eval";
import { wilson } from "@mede2/stats";
import type { EvaluatedModel } from "../demo/evaluate-model.ts";
import { controlArms } from "./arms.ts";
import type { UnitResult } from "./run-unit.ts";

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
    "### Stage II against each control",
    controlTable(units),
    "### Each base and seed",
    unitTable(units),
  ].join("\n\n");
}

function armTable(units: readonly UnitResult[], arms: readonly string[]): string {
  // who was asked for the bare answer shows no reasoning
  const bare = new Set(controlArms.filter(({ style }) => style === "direct").map(({ name }) => name));
  if (units.every(({ report }) => report.settings.basePrompt === "direct")) bare.add("base");
  const rows = arms.map((arm) => {
    const models = units.flatMap(({ models }) => models[arm] ?? []);
    const about = controlArms.find(({ name }) => name === arm)?.about ?? "";
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

function controlTable(units: readonly UnitResult[]): string {
  const rows = controlArms
    .filter(({ name }) => units.some(({ models }) => name in models))
    .flatMap(({ name }) => [
      differenceRow(
        `stage2 − ${name}`,
        "accuracy, real images",
        accuracyPool(units, name, "stage2", "accuracy"),
      ),
      differenceRow(
        `stage2 − ${name}`,
        "reliance (real − swapped)",
        accuracyPool(units, name, "stage2", "reliance"),
      ),
      differenceRow(
        `stage2 − ${name}`,
        "right with a true chain",
        qualityPool(units, name, "stage2", "rightWithTrueChain"),
      ),
      differenceRow(
        `stage2 − ${name}`,
        "finding named right",
        qualityPool(units, name, "stage2", "findingRight"),
      ),
    ]);
  return markdownTable(["comparison", "measure", "difference, points [95 %]", "p", "between runs, SD"], rows);
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

function differenceRow(
  comparison: string,
  measure: string,
  { difference, low, high, p, betweenRuns }: PooledDifference,
): string[] {
  const spread = betweenRuns === null ? "–" : percent(betweenRuns);
  return [
    comparison,
    measure,
    `${signed(difference)} [${signed(low)}, ${signed(high)}]`,
    p < 0.001 ? "< 0.001" : p.toFixed(3),
    spread,
  ];
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
