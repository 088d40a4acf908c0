import { join } from "node:path";
import { wardCases } from "@mede2/data";
import { promptStyles } from "@mede2/llm";
import { openLocalModel } from "@mede2/trainer";
import { stage1Plan } from "../demo/demo-plans.ts";
import { demoPairSettings, readCandidates, scoreWardCandidates } from "../demo/pairs-step.ts";
import { sampleCandidates } from "../sample-candidates.ts";
import type { Arm } from "./arm.ts";
import {
  planSettings,
  sampledOnly,
  specialTokens,
  trainArm,
  trainOnOwnAnswers,
  trainOnPairs,
  writeDirectDemonstrations,
} from "./arm-training.ts";
import type { ArmContext } from "./experiment-settings.ts";

const stage2Arm = { style: "reason", against: "stage2" } as const;

/** The controls without which a gain of the two stages could not be read. */
export const controlArms: readonly Arm[] = [
  {
    name: "direct-sft",
    about: "the bare answers of the 1,500 text-only questions instead of chains",
    style: "direct",
    against: "stage1",
    train: async (context) => {
      const { amounts, seed } = context;
      const cases = wardCases({ split: "stage1", count: amounts.demonstrations, seed });
      const data = await writeDirectDemonstrations(context, "direct-sft", cases);
      const settings = planSettings(context, context.base, data);
      return trainArm(context, "direct-sft", stage1Plan(settings, amounts.epochs, "direct"));
    },
  },
  {
    ...stage2Arm,
    name: "nll-on-chosen",
    about: "the likelihood of the chosen answers alone, without the contrast",
    train: (context) => trainOnOwnAnswers(context, "nll-on-chosen", { pairs: context.pairs.path }),
  },
  {
    ...stage2Arm,
    name: "rejection-sampling",
    about: "fine-tuning on any right answer of each question",
    train: async (context) =>
      trainOnOwnAnswers(context, "rejection-sampling", {
        candidates: await readCandidates(context.rated),
        by: "right",
        seed: context.seed,
        perQuestion: 2,
        specialTokensIn: specialTokens(context),
      }),
  },
  {
    ...stage2Arm,
    name: "outcome-only",
    about: "pairs of a right and a wrong answer, whatever the reasoning",
    train: async (context) =>
      trainOnPairs(
        context,
        "outcome-only",
        { outcomeOnly: true, bothRightShare: 0, perCase: 3, perChosen: 2 },
        { rated: (await readCandidates(context.rated)).map(sampledOnly) },
      ),
  },
  {
    ...stage2Arm,
    name: "random-labels",
    about: "the same pairs, chosen and rejected by a coin",
    train: (context) => trainOnPairs(context, "random-labels", { ...demoPairSettings, randomLabels: true }),
  },
  {
    ...stage2Arm,
    name: "sampled-pairs",
    about: "the pairs of Stage II without those of a swapped picture",
    train: async (context) =>
      trainOnPairs(context, "sampled-pairs", demoPairSettings, {
        rated: (await readCandidates(context.rated)).map(sampledOnly),
      }),
  },
  {
    ...stage2Arm,
    name: "without-stage1",
    about: "Stage II on answers that the base gives to the reasoning prompt, by outcome",
    train: withoutStage1,
  },
];

async function withoutStage1(context: ArmContext): Promise<string> {
  const { workspace, base, cases, store, threads, seed, amounts, signal } = context;
  const sampled = join(workspace, "data", "base.candidates.jsonl");
  const model = await openLocalModel({ model: base, imageStore: store, threads, batch: 64 });
  try {
    await sampleCandidates({
      model,
      questions: cases,
      style: promptStyles.reason,
      samples: amounts.samples,
      temperature: 0.8,
      topP: 1,
      maxTokens: 150,
      seed,
      stage: "base",
      checkpoint: "base",
      out: sampled,
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await model.close();
  }
  const rated = join(workspace, "data", "base-rated.candidates.jsonl");
  await scoreWardCandidates(sampled, rated);
  return trainOnPairs(
    context,
    "without-stage1",
    { outcomeOnly: true, bothRightShare: 0 },
    { rated: await readCandidates(rated), model: base },
  );
}
