import { compare, type Difference, relianceDifference } from "@mede2/eval";
import type { EvaluationRecord } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import type { EvaluatedModel } from "./evaluate-model.ts";
import type {
  DemoComparison,
  DemoCondition,
  DemoSet,
  DemoStage,
  ProcessShares,
  ScoredShare,
  Share,
} from "./report.ts";

export const demoConditions = ["real", "blank", "swapped"] as const satisfies readonly DemoCondition[];
const steps: readonly (readonly [DemoStage, DemoStage])[] = [
  ["base", "stage1"],
  ["stage1", "stage2"],
  ["base", "stage2"],
];

/** Shares and paired comparisons of the three models on one held-out set. */
export function buildSet(
  models: Readonly<Record<DemoStage, EvaluatedModel>>,
  basePrompt: "direct" | "reason",
): DemoSet {
  const shares = (stage: DemoStage) =>
    Object.fromEntries(
      demoConditions.map((images) => [images, accuracy(models[stage].records, images)]),
    ) as DemoSet["models"][DemoStage];
  return {
    models: { base: shares("base"), stage1: shares("stage1"), stage2: shares("stage2") },
    process: {
      base: basePrompt === "direct" ? null : process(models.base),
      stage1: process(models.stage1),
      stage2: process(models.stage2),
    },
    comparisons: steps.flatMap(([from, to]) =>
      comparisons(from, to, models[from].records, models[to].records),
    ),
    reliance: steps.map(([from, to]) => ({
      from,
      to,
      ...numbers(relianceDifference(models[from].records, models[to].records)),
    })),
  };
}

function comparisons(
  from: DemoStage,
  to: DemoStage,
  a: readonly EvaluationRecord[],
  b: readonly EvaluationRecord[],
): DemoComparison[] {
  return demoConditions.map((images) => ({ from, to, images, ...numbers(compare(a, b, { images })) }));
}

function numbers({
  difference,
  low,
  high,
  p,
}: Difference): Pick<DemoComparison, "difference" | "low" | "high" | "p"> {
  return { difference, low, high, p };
}

function accuracy(records: readonly EvaluationRecord[], images: DemoCondition): ScoredShare {
  const outcomes = records.filter((record) => record.images === images).map(({ outcome }) => outcome);
  const scored = outcomes.filter((outcome) => !("excluded" in outcome));
  const right = scored.filter((outcome) => "correct" in outcome && outcome.correct === true);
  return { ...share(right.length, scored.length), excluded: outcomes.length - scored.length };
}

function process({ quality }: EvaluatedModel): ProcessShares {
  const count = (measure: keyof (typeof quality)[number]["values"]) =>
    share(quality.filter(({ values }) => values[measure] === 1).length, quality.length);
  return {
    findingRight: count("findingRight"),
    findingCarried: count("findingCarried"),
    valuesInStem: count("valuesInStem"),
    rightAndTrue: count("rightWithTrueChain"),
  };
}

function share(correct: number, n: number): Share {
  const { low, high } = wilson(correct, n);
  return { correct, n, low, high };
}
