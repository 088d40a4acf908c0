import { isAbsolute, join } from "node:path";
import type { PromptStyle } from "@mede2/llm";
import {
  demonstrationSchema,
  type PlanData,
  parseJson,
  parseRecord,
  passageSchema,
  preferencePairSchema,
  type Question,
  readLines,
  type TrainingPlan,
} from "@mede2/schemas";
import type { Example, PairExample } from "../examples/example.ts";
import { TrainerError } from "../trainer-error.ts";
import {
  demonstrationExample,
  fault,
  type Place,
  pairExample,
  passageExample,
  type RecordEncoder,
  styleOf,
} from "./encode-records.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

/** Everything a training plan reads. */
export type TrainingData = {
  /** What is learnt: examples, or the pairs of a preference plan. */
  readonly train: readonly Example[];
  readonly pairs: readonly PairExample[];
  /** What is evaluated on. */
  readonly evaluation: readonly Example[];
  readonly evaluationPairs: readonly PairExample[];
  /** Questions of the evaluation splits, to sample traces from. */
  readonly questions: readonly { readonly question: Question; readonly style: PromptStyle }[];
};

type Growing = {
  -readonly [Part in keyof TrainingData]: TrainingData[Part][number][];
};

/** Splits that are learnt from; any other split of a plan's data is evaluated on. */
export const trainSplits: ReadonlySet<string> = new Set(["train", "pretrain", "stage0", "stage1", "stage2"]);

/** Reads and tokenises the data files of a plan. The first fault ends it with file, line and what to do. */
export async function readTrainingData(
  plan: TrainingPlan,
  workspace: string,
  context: RecordEncoder,
): Promise<TrainingData> {
  const read: Growing = { train: [], pairs: [], evaluation: [], evaluationPairs: [], questions: [] };
  for (const data of plan.data) {
    const file = isAbsolute(data.path) ? data.path : join(workspace, data.path);
    await checkUnchanged(file, data);
    const style = styleOf(data, plan);
    const learns = trainSplits.has(data.split);
    for await (const { text, line } of readLines(file)) {
      if (text.trim() === "") continue;
      const place = { file, line };
      readRecord(read, context, plan, parseJson(text, place), learns, style, place);
    }
  }
  const preference = plan.kind === "preference";
  if ((preference ? read.pairs : read.train).length === 0)
    throw new TrainerError(
      "no-data",
      `the plan of kind ${plan.kind} has no ${preference ? "pairs" : "examples"} to learn from`,
      `check the paths and splits of its data: ${[...trainSplits].join(", ")} are learnt from`,
    );
  return read;
}

function readRecord(
  read: Growing,
  context: RecordEncoder,
  plan: TrainingPlan,
  value: unknown,
  learns: boolean,
  style: PromptStyle,
  place: Place,
): void {
  const record = (value as { record?: unknown } | null)?.record;
  const preference = plan.kind === "preference";
  if (record === "preference-pair" && preference) {
    const pair = parseRecord(preferencePairSchema, value, place);
    (learns ? read.pairs : read.evaluationPairs).push(pairExample(context, pair, style, place));
    if (!learns) read.questions.push({ question: pair.question, style });
  } else if (record === "demonstration" && !(preference && learns)) {
    const demonstration = parseRecord(demonstrationSchema, value, place);
    const example = demonstrationExample(context, demonstration, style, place);
    (learns ? read.train : read.evaluation).push(example);
    if (!learns) read.questions.push({ question: demonstration.question, style });
  } else if (record === "passage" && !(preference && learns)) {
    const example = passageExample(context, parseRecord(passageSchema, value, place), place);
    (learns ? read.train : read.evaluation).push(example);
  } else
    throw fault(
      "wrong-record",
      place,
      `a plan of kind ${plan.kind} cannot ${learns ? "learn from" : "be evaluated on"} a record ${JSON.stringify(record ?? null)}`,
      preference ? "give it preference pairs" : "give it demonstrations or passages",
    );
}

/** A run whose data changed under it would not be the run that its plan names. */
async function checkUnchanged(file: string, { sha256 }: PlanData): Promise<void> {
  const actual = await sha256OfFile(file).catch((cause: unknown) => {
    throw new TrainerError(
      "data-missing",
      `${file} cannot be read (${(cause as Error).message})`,
      "check the paths of the plan's data: relative ones begin at the workspace",
      cause,
    );
  });
  if (actual !== sha256)
    throw new TrainerError(
      "data-changed",
      `${file} is not the file that the plan names: its sha256 is ${actual.slice(0, 12)}…, the plan says ${sha256.slice(0, 12)}…`,
      "make the plan again, or put the file back",
    );
}
