import type { ImageCondition } from "@mede2/schemas";
import { dropped, type Filter, kept } from "./filter.ts";
import type { Tallies, Tally } from "./tally.ts";

/** Where a case goes: `train`; `reconstruct`, only its reasoning is written anew with the answer masked; `escalate`, to a stronger model or a person; `drop`. */
export type StabilityRoute = "train" | "reconstruct" | "escalate" | "drop";

/** How the number of right answers among `samples` decides. Bounds are inclusive counts. */
export interface StabilityRule {
  name: string;
  samples: number;
  train: readonly [number, number];
  reconstruct: readonly [number, number];
  /** What becomes of all other counts. */
  otherwise: "escalate" | "drop";
}

/** InfiMed2: of 8 samples 3–5 right are for training, 6–8 for answer-masked reconstruction alone, fewer are escalated or dropped. */
export const infimed2: StabilityRule = {
  name: "infimed2",
  samples: 8,
  train: [3, 5],
  reconstruct: [6, 8],
  otherwise: "drop",
};

export function stabilityRoute({ right }: Pick<Tally, "right">, rule: StabilityRule): StabilityRoute {
  const within = ([from, to]: readonly [number, number]) => right >= from && right <= to;
  if (within(rule.train)) return "train";
  return within(rule.reconstruct) ? "reconstruct" : rule.otherwise;
}

export interface StabilitySettings {
  rule: StabilityRule;
  /** The condition of the images under which the samples count. */
  images: ImageCondition;
  /** Which model's samples count; needed when there are several. */
  model?: string;
  /** Routes that stay in the set. */
  routes: readonly StabilityRoute[];
}

/** Drops the questions of other routes: `too-easy`, `too-hard`, `escalated`; `not-sampled` where the samples are missing or of another number. */
export function stability(tallies: Tallies, { rule, images, model, routes }: StabilitySettings): Filter {
  const { samples, train, reconstruct, otherwise } = rule;
  return {
    name: "stability",
    about: `stability rule ${rule.name}: of ${samples} samples (${images} images${model === undefined ? "" : `, ${model}`}) ${train.join("–")} right to train, ${reconstruct.join("–")} to reconstruct, else ${otherwise}; kept: ${routes.join(", ")}`,
    judge({ id }) {
      const models = tallies.get(id)?.get(images);
      const tally = model === undefined ? only(models) : models?.get(model);
      if (tally === undefined || tally.samples !== samples)
        return dropped("not-sampled", `${tally?.samples ?? "no"} samples of one model, not ${samples}`);
      const route = stabilityRoute(tally, rule);
      if (routes.includes(route)) return kept;
      const detail = `${tally.right} of ${samples} right`;
      if (route === "escalate") return dropped("escalated", detail);
      return dropped(tally.right > train[1] ? "too-easy" : "too-hard", detail);
    },
  };
}

function only(models: ReadonlyMap<string, Tally> | undefined): Tally | undefined {
  return models?.size === 1 ? [...models.values()][0] : undefined;
}
