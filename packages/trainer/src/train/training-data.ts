import { isAbsolute, join } from "node:path";
import type { PromptStyle } from "@mede2/llm";
import {
  answerLosses,
  demonstrationSchema,
  type PlanData,
  parseJson,
  parseRecord,
  passageSchema,
  preferencePairSchema,
  type Question,
  ratedAnswerSchema,
  readLines,
  type TrainingPlan,
} from "@mede2/schemas";
import type { AnswerExample, Example, PairExample } from "../examples/example.ts";
import { TrainerError } from "../trainer-error.ts";
import { answerExamples, type ReadAnswer } from "./answer-examples.ts";
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
  /** The answers that a preference plan with a loss of single answers learns from. */
  readonly answers: readonly AnswerExample[];
  /** What is evaluated on. */
  readonly evaluation: readonly Example[];
  readonly evaluationPairs: readonly PairExample[];
  readonly evaluationAnswers: readonly AnswerExample[];
  /** Questions of the evaluation splits, to sample traces from. */
  readonly questions: readonly { readonly question: Question; readonly style: PromptStyle }[];
};

type Growing = {
  -readonly [Part in Exclude<keyof TrainingData, `${string}nswers`>]: TrainingData[Part][number][];
} & { readonly rated: ReadAnswer[]; readonly evaluationRated: ReadAnswer[] };

/** Splits that are learnt from; any other split of a plan's data is evaluated on. */
export const trainSplits: ReadonlySet<string> = new Set(["train", "pretrain", "stage0", "stage1", "stage2"]);

/** Reads and tokenises the data files of a plan. The first fault ends it with file, line and what to do. */
export async function readTrainingData(
  plan: TrainingPlan,
  workspace: string,
  context: RecordEncoder,
): Promise<TrainingData> {
  const read: Growing = {
    ...{ train: [], pairs: [], rated: [], questions: [] },
    ...{ evaluation: [], evaluationPairs: [], evaluationRated: [] },
  };
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
  const [part, name] = learntPart(plan);
  if (read[part].length === 0)
    throw new TrainerError(
      "no-data",
      `the plan of kind ${plan.kind} has no ${name} to learn from`,
      `check the paths and splits of its data: ${[...trainSplits].join(", ")} are learnt from`,
    );
  const { rated, evaluationRated, ...rest } = read;
  return {
    ...rest,
    answers: answerExamples(context, rated),
    evaluationAnswers: answerExamples(context, evaluationRated),
  };
}

/** What a plan learns from. */
function learntPart({ kind, loss }: TrainingPlan): readonly ["train" | "pairs" | "rated", string] {
  if (kind !== "preference") return ["train", "examples"];
  return learnsFromAnswers(loss) ? ["rated", "rated answers"] : ["pairs", "pairs"];
}

const learnsFromAnswers = ({ name }: TrainingPlan["loss"]): boolean =>
  (answerLosses as readonly string[]).includes(name);

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
  const single = preference && learnsFromAnswers(plan.loss);
  if (record === "rated-answer" && single) {
    const answer = parseRecord(ratedAnswerSchema, value, place);
    (learns ? read.rated : read.evaluationRated).push({ answer, style, place });
    if (!learns) read.questions.push({ question: answer.question, style });
  } else if (record === "preference-pair" && preference && !single) {
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
      single
        ? `give it rated answers (mede2 pairs build --unpaired): the loss ${plan.loss.name} judges answers one by one`
        : preference
          ? "give it preference pairs"
          : "give it demonstrations or passages",
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
