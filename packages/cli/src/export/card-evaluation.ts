import { evaluationFolders, evaluationRecords, reliance, type Summary, summarise } from "@mede2/eval";
import type { EvaluationRecord } from "@mede2/schemas";
import { CliError } from "../exit.ts";

/** An evaluation as a model card tells it. */
export type CardEvaluation = {
  readonly task: string;
  /** One a condition; the first is the headline. */
  readonly summaries: readonly Summary[];
  /** Accuracy with the real image minus that with another, with its interval; undefined where both were not asked. */
  readonly dependence: readonly {
    readonly against: string;
    readonly difference: number;
    readonly low: number;
    readonly high: number;
  }[];
};

const others = ["blank", "swapped", "none"] as const;

/** Reads the evaluations of a folder for a card. Throws a CliError "no-evaluation". */
export async function cardEvaluations(folder: string, named: string): Promise<CardEvaluation[]> {
  const evaluations = await evaluationFolders(folder).catch(() => []);
  if (evaluations.length === 0)
    throw new CliError(
      "no-evaluation",
      `${named} holds no evaluation`,
      "name a folder that mede2 eval run wrote",
    );
  const told: CardEvaluation[] = [];
  for (const evaluation of evaluations) {
    const records: EvaluationRecord[] = [];
    for await (const record of evaluationRecords(evaluation)) records.push(record);
    const summaries = summarise(records);
    const asked = new Set(summaries.map(({ images }) => images));
    told.push({
      task: evaluation.task,
      summaries,
      dependence: others
        .filter((against) => asked.has("real") && asked.has(against))
        .map((against) => {
          const { difference, low, high } = reliance(records, { against });
          return { against, difference, low, high };
        }),
    });
  }
  return told;
}
