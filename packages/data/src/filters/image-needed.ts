import type { ImageCondition, Question } from "@mede2/schemas";
import { dropped, type Filter, kept } from "./filter.ts";
import type { Tallies, Tally } from "./tally.ts";

export interface ImageNeededSettings {
  /** What counts as not seeing: no image, or a blank one. */
  blind: readonly ImageCondition[];
  /** A model solves a question blind when its share of right answers is at least chance + (1 − chance) × this. */
  aboveChance: number;
  /** A question is solvable blind when so many models solve it blind. */
  models: number;
}

export const imageNeededSettings: ImageNeededSettings = {
  blind: ["none", "blank"],
  aboveChance: 0.5,
  models: 1,
};

/** Share of right answers by guessing: 1 ÷ options; 0 for open questions. */
const chanceOf = ({ options, gold }: Question): number =>
  options.length === 0 || !("labels" in gold) ? 0 : 1 / options.length;

/**
 * Drops a question that models answer without its picture (`image-not-needed`), and one that no blind model was asked (`not-probed`): that the image is needed is shown, not
 * assumed. Half-way between chance and certainty, of 8 samples, is 6 right for yes or no, 5 right of four options.
 */
export function imageNeeded(tallies: Tallies, settings: ImageNeededSettings = imageNeededSettings): Filter {
  const { blind, aboveChance, models } = settings;
  return {
    name: "image-needed",
    about: `fewer than ${models} models answer it with images ${blind.join(" or ")}, at ${aboveChance} of the way from chance to certainty`,
    judge(question) {
      const byModel = new Map<string, Tally>();
      for (const condition of blind)
        for (const [model, { samples, right }] of tallies.get(question.id)?.get(condition) ?? []) {
          const sum = byModel.get(model) ?? { samples: 0, right: 0 };
          byModel.set(model, { samples: sum.samples + samples, right: sum.right + right });
        }
      if (byModel.size < models)
        return dropped("not-probed", `${byModel.size} blind models were asked, not ${models}`);
      const chance = chanceOf(question);
      const bar = chance + (1 - chance) * aboveChance;
      const solved = [...byModel].filter(([, { samples, right }]) => right / samples >= bar);
      return solved.length >= models
        ? dropped(
            "image-not-needed",
            `${solved.map(([model, { samples, right }]) => `${model} ${right} of ${samples}`).join(", ")} right without the picture`,
          )
        : kept;
    },
  };
}
