import { type WardCase, wardCases, wardImageOf } from "@mede2/data";
import { defaultRubric, type Rubric, scoreCandidates } from "@mede2/preference";
import type { Candidates, TrainingPlan } from "@mede2/schemas";
import { stage1Plan, stage2Plan } from "../demo/demo-plans.ts";
import { demoPairSettings, readCandidates } from "../demo/pairs-step.ts";
import { storeWardImage } from "../tiny/ward-images.ts";
import type { Arm } from "./arm.ts";
import {
  planSettings,
  trainArm,
  trainOnPairs,
  writeDirectDemonstrations,
  writeFewerDemonstrations,
} from "./arm-training.ts";
import { controlArms } from "./arms.ts";

/** Each criterion of MMRP, with the gates that speak of the same thing. */
const gatesOf = {
  "logical-consistency": ["conclusion-agrees"],
  "image-involvement": [],
  "no-hallucination": ["numbers-in-stem", "history-in-stem"],
  reflection: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** MMRP without one criterion: neither its weight, nor its floor, nor its gates. */
export function rubricWithout(criterion: keyof typeof gatesOf): Rubric {
  const without = <T>(record: Readonly<Record<string, T>>, names: readonly string[]) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
  return {
    ...defaultRubric,
    name: `mmrp-without-${criterion}`,
    gates: without(defaultRubric.gates, gatesOf[criterion]),
    criteria: without(defaultRubric.criteria, [criterion]),
  };
}

async function ratedAgain(path: string, rubric: Rubric): Promise<Candidates[]> {
  const rated: Candidates[] = [];
  for await (const one of scoreCandidates(await readCandidates(path), { rubric })) rated.push(one);
  return rated;
}

const withoutCriterion = (criterion: keyof typeof gatesOf): Arm => ({
  name: `without-${criterion}`,
  about: `MMRP without ${criterion.replaceAll("-", " ")}`,
  style: "reason",
  against: "stage2",
  train: async (context) => {
    const rubric = rubricWithout(criterion);
    const rated = await ratedAgain(context.rated, rubric);
    return trainOnPairs(context, `without-${criterion}`, demoPairSettings, { rated, rubric });
  },
});

const shareOfPairs = (name: string, share: number): Arm => ({
  name,
  about: `${share} of the pairs, gone through as often`,
  style: "reason",
  against: "stage2",
  train: (context) =>
    trainOnPairs(context, name, { ...demoPairSettings, limit: Math.round(context.pairs.count * share) }),
});

const otherLoss = (name: string, about: string, loss: TrainingPlan["loss"]): Arm => ({
  name,
  about,
  style: "reason",
  against: "stage2",
  train: (context) =>
    trainArm(context, name, stage2Plan(planSettings(context, context.stage1, context.pairs), loss)),
});

const shareOfStage1 = (name: string, share: number): Arm => ({
  name,
  about: `Stage I on ${share} of the chains, gone through as often`,
  style: "reason",
  against: "stage1",
  train: async (context) => {
    const data = await writeFewerDemonstrations(context, name, share);
    return trainArm(
      context,
      name,
      stage1Plan(planSettings(context, context.base, data), context.amounts.epochs),
    );
  },
});

/** What each part of the recipe is worth, and its alternatives: one thing changed at a time. */
export const studyArms: readonly Arm[] = [
  withoutCriterion("logical-consistency"),
  withoutCriterion("image-involvement"),
  withoutCriterion("no-hallucination"),
  withoutCriterion("reflection"),
  shareOfPairs("pairs-half", 0.5),
  shareOfPairs("pairs-quarter", 0.25),
  otherLoss("dpo-alone", "DPO without the likelihood of the chosen answers", { name: "dpo", beta: 0.1 }),
  otherLoss("ipo", "IPO (β 0.1) with the same likelihood", { name: "ipo", beta: 0.1, nllWeight: 30 }),
  otherLoss(
    "dpo-positive",
    "DPO-Positive (penalty 5): anchored, the chosen answer may not become less likely",
    {
      name: "dpop",
      beta: 0.1,
      penalty: 5,
      nllWeight: 30,
    },
  ),
  otherLoss("mpo", "the MPO mix: 0.8 DPO, 0.2 BCO, likelihood × 30", {
    name: "mpo",
    beta: 0.1,
    weights: { preference: 0.8, quality: 0.2 },
    nllWeight: 30,
  }),
  shareOfStage1("stage1-half", 0.5),
  shareOfStage1("stage1-quarter", 0.25),
  {
    name: "direct-multimodal",
    about: "the bare answers of the multimodal cases of Stage II beside their pictures, from the base",
    style: "direct",
    against: "stage2",
    train: async (context) => {
      const { amounts, seed, store } = context;
      const cases = wardCases({ split: "stage2", count: amounts.cases, seed });
      const picture = (each: WardCase) => storeWardImage(store, wardImageOf(each));
      const data = await writeDirectDemonstrations(context, "direct-multimodal", cases, picture);
      const settings = planSettings(context, context.base, data);
      return trainArm(context, "direct-multimodal", stage1Plan(settings, amounts.epochs, "direct"));
    },
  },
];

export const allArms: readonly Arm[] = [...controlArms, ...studyArms];
