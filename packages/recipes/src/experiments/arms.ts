import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { wardCases, wardDirectAnswer, wardQuestion } from "@mede2/data";
import { promptStyles } from "@mede2/llm";
import type { PairSettingsInput } from "@mede2/preference";
import {
  type Candidates,
  type Demonstration,
  demonstrationSchema,
  sha256Hex,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { openLocalModel } from "@mede2/trainer";
import { chosenPlan, type StagePlanSettings, stage1Plan, stage2Plan } from "../demo/demo-plans.ts";
import {
  demoPairSettings,
  type FindSpecialTokens,
  readCandidates,
  scoreWardCandidates,
  writeOwnDemonstrations,
  writePairs,
} from "../demo/pairs-step.ts";
import { runPlan } from "../run-plan.ts";
import { sampleCandidates } from "../sample-candidates.ts";
import type { ArmContext } from "./experiment-settings.ts";

/** One way of training: which checkpoint it ends with, and how that is asked. */
export type Arm = {
  readonly name: string;
  readonly about: string;
  readonly style: "reason" | "direct";
  /** Trains, or takes over, and returns the checkpoint. */
  readonly train: (context: ArmContext) => Promise<string>;
};

const stagePlan = ({ workspace, processor, seed, threads }: ArmContext) => ({
  workspace,
  processor,
  seed,
  threads,
});

function run(context: ArmContext, id: string, plan: Parameters<typeof runPlan>[0]["plan"]): Promise<string> {
  const { workspace, code, signal } = context;
  return runPlan({ workspace, id, plan, code, ...(signal === undefined ? {} : { signal }) }).then(
    ({ checkpoint }) => checkpoint,
  );
}

/** Fine-tunes Stage I on its own answers, with the steps and rate of the preference stage. */
async function ownAnswers(
  context: ArmContext,
  name: string,
  source: Parameters<typeof writeOwnDemonstrations>[2],
): Promise<string> {
  const data = await writeOwnDemonstrations(context.workspace, name, source);
  const settings: StagePlanSettings = { ...stagePlan(context), model: context.stage1, data };
  return run(context, `arm-${name}`, chosenPlan(settings, `arm-${name}`));
}

const specialTokens =
  ({ processor }: ArmContext): FindSpecialTokens =>
  (text) =>
    processor.tokenizer.specialTokensIn(text);

async function otherPairs(
  context: ArmContext,
  name: string,
  pairs: PairSettingsInput,
  { swapped = false }: { swapped?: boolean } = {},
): Promise<string> {
  const rated = await readCandidates(context.rated);
  const data = await writePairs(
    context.workspace,
    swapped ? rated : rated.map(sampledOnly),
    name,
    { seed: context.seed, plan: name, ...pairs },
    specialTokens(context),
  );
  return run(context, `arm-${name}`, stage2Plan({ ...stagePlan(context), model: context.stage1, data }));
}

/** Without the answers to swapped pictures. */
const sampledOnly = (one: Candidates): Candidates => ({
  ...one,
  traces: one.traces.filter((trace) => !("negative" in trace)),
});

/** The controls without which a gain of the two stages could not be read. */
export const controlArms: readonly Arm[] = [
  {
    name: "direct-sft",
    about: "the bare answers of the 1,500 text-only questions instead of chains",
    style: "direct",
    train: async (context) => {
      const data = await directDemonstrations(context);
      return run(
        context,
        "arm-direct-sft",
        stage1Plan({ ...stagePlan(context), model: context.base, data }, context.amounts.epochs, "direct"),
      );
    },
  },
  {
    name: "nll-on-chosen",
    about: "the likelihood of the chosen answers alone, without the contrast",
    style: "reason",
    train: (context) => ownAnswers(context, "nll-on-chosen", { pairs: context.pairs.path }),
  },
  {
    name: "rejection-sampling",
    about: "fine-tuning on any right answer of each question",
    style: "reason",
    train: async (context) =>
      ownAnswers(context, "rejection-sampling", {
        candidates: await readCandidates(context.rated),
        by: "right",
        seed: context.seed,
        perQuestion: 2,
        specialTokensIn: specialTokens(context),
      }),
  },
  {
    name: "outcome-only",
    about: "pairs of a right and a wrong answer, whatever the reasoning",
    style: "reason",
    train: (context) =>
      otherPairs(context, "outcome-only", { outcomeOnly: true, bothRightShare: 0, perCase: 3, perChosen: 2 }),
  },
  {
    name: "random-labels",
    about: "the same pairs, chosen and rejected by a coin",
    style: "reason",
    train: (context) =>
      otherPairs(context, "random-labels", { ...demoPairSettings, randomLabels: true }, { swapped: true }),
  },
  {
    name: "sampled-pairs",
    about: "the pairs of Stage II without those of a swapped picture",
    style: "reason",
    train: (context) => otherPairs(context, "sampled-pairs", demoPairSettings),
  },
  {
    name: "without-stage1",
    about: "Stage II on answers that the base gives to the reasoning prompt, by outcome",
    style: "reason",
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
  const data = await writePairs(
    workspace,
    await readCandidates(rated),
    "without-stage1",
    { seed, outcomeOnly: true, bothRightShare: 0 },
    specialTokens(context),
  );
  return run(context, "arm-without-stage1", stage2Plan({ ...stagePlan(context), model: base, data }));
}

async function directDemonstrations({
  workspace,
  amounts,
  seed,
}: ArmContext): Promise<{ path: string; sha256: string }> {
  const path = join("data", "direct-sft.demonstrations.jsonl");
  const absolute = join(workspace, path);
  if (!existsSync(absolute)) {
    const records = wardCases({ split: "stage1", count: amounts.demonstrations, seed }).map(
      (each): Demonstration => {
        const question = wardQuestion(each, { form: "text" });
        const trace = makeTrace({
          question,
          by: { kind: "template", name: "ward-direct" },
          stage: null,
          images: "none",
          promptHash: sha256Hex(question.stem),
          sample: null,
          text: wardDirectAnswer(each),
          finish: "stop",
          tokens: { prompt: 0, completion: 0 },
        });
        return withId({
          record: "demonstration" as const,
          v: 1 as const,
          question,
          trace,
          orchestration: { name: "ward-direct", version: "1" },
          checks: [],
        });
      },
    );
    await writeJsonlAtomic(absolute, records, { schema: demonstrationSchema });
  }
  return { path, sha256: sha256Hex(await readFile(absolute)) };
}
