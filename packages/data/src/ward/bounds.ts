import { type WardSituation, wardSituations } from "./law.ts";
import { splitLaw, type WardSplit, wardSplits } from "./splits.ts";
import { wardDrug } from "./treatments.ts";

/** The best accuracy that anything could reach on a split from one source alone, with the options in view; fractions 0–1. */
export interface WardBounds {
  readonly options: number;
  readonly stem: number;
  readonly picture: number;
}

interface Outcome {
  readonly situation: WardSituation;
  readonly side: 0 | 1;
  readonly factorSide: 0 | 1;
  readonly probability: number;
}

/**
 * Bayes-optimal accuracy by exact counting over the law of the generator: for each thing that can be observed, the most probable answer is
 * taken. The observer of the stem is even told the situation, that is everything drawn before the tosses, so no word of the stem can
 * add to it; the picture shows the finding. Both see the options.
 */
export function wardBounds(split: WardSplit): WardBounds {
  const outcomes = wardSituations(splitLaw(split).set).flatMap((situation, index) =>
    ([0, 1] as const).flatMap((side) =>
      ([0, 1] as const).map((factorSide) => ({
        index,
        situation,
        side,
        factorSide,
        probability: situation.weight / 4,
      })),
    ),
  );
  const optionsOf = ({ situation }: Outcome): string =>
    situation.diagnoses
      .flatMap(({ group }) => situation.factors.map((factor) => wardDrug(group, factor)))
      .sort()
      .join(";");
  return {
    options: best(outcomes, optionsOf),
    stem: best(outcomes, ({ index, situation, factorSide }) => `${index}|${situation.factors[factorSide]}`),
    picture: best(
      outcomes,
      (outcome) => `${optionsOf(outcome)}|${outcome.situation.diagnoses[outcome.side].finding}`,
    ),
  };
}

function best<T extends Outcome>(outcomes: readonly T[], observe: (outcome: T) => string): number {
  const seen = new Map<string, Map<string, number>>();
  for (const outcome of outcomes) {
    const { situation, side, factorSide, probability } = outcome;
    const answer = wardDrug(situation.diagnoses[side].group, situation.factors[factorSide]);
    const key = observe(outcome);
    const answers = seen.get(key) ?? new Map<string, number>();
    answers.set(answer, (answers.get(answer) ?? 0) + probability);
    seen.set(key, answers);
  }
  let sum = 0;
  for (const answers of seen.values()) sum += Math.max(...answers.values());
  return sum;
}

/** The bounds of every split as a small table, for people. */
export function formatWardBounds(): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`.padStart(8);
  return [
    `${"split".padEnd(18)}${"options".padStart(8)}  ${"stem".padStart(8)}  ${"picture".padStart(8)}`,
    ...wardSplits.map((split) => {
      const { options, stem, picture } = wardBounds(split);
      return `${split.padEnd(18)}${percent(options)}  ${percent(stem)}  ${percent(picture)}`;
    }),
  ].join("\n");
}
