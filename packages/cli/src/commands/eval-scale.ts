import { join } from "node:path";
import type { ImageCondition, Question } from "@mede2/schemas";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type Context, parse, pathOf, say } from "../command.ts";
import { blindRating } from "../evaluation/blind-rating.ts";
import { forcedBudgets } from "../evaluation/forced-budgets.ts";
import { recordsFile } from "../evaluation/records-file.ts";
import { CliError } from "../exit.ts";
import { addModelOptions, conditionNames, type ModelOptions, oneOf } from "../local-model.ts";

type ScaleOptions = ModelOptions & {
  readonly k?: readonly number[];
  readonly budgets: readonly number[];
  readonly data?: string;
  readonly images: ImageCondition;
  readonly task?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly model?: string;
  readonly limit?: number;
};

export function addEvalScale(group: Command, context: Context): void {
  addModelOptions(
    addCommand(
      group,
      "scale",
      "say what several answers to each question are worth: vote, best of N, pass@k",
      [
        "mede2 eval run --model runs/stage2/checkpoints/final --task slake --data slake.questions.jsonl --samples 16 --temperature 1 --out evaluations/stage2-16",
        "mede2 eval scale evaluations/stage2-16 --k 1,2,4,8,16 --data slake.questions.jsonl",
      ],
    ),
  )
    .argument("<folder>", "folder of mede2 eval run with --samples")
    .option("--k <list>", "numbers of answers (default: 1,2,4,8,16 as far as there are)", counts)
    .option(
      "--data <file>",
      "the questions that were asked: then answers are rated too (programmatic MMRP, which is not shown the right answer) for best of N and weighted votes",
    )
    .option("--budgets <list>", "also one answer that must end within so many tokens", counts, [])
    .option(
      "--model <dir>",
      "with --budgets and --data, the model that answered: its thinking is cut at each budget and the answer forced",
    )
    .option("--limit <n>", "force only the first questions", parse.positive)
    .option("--images <name>", `condition: ${conditionNames.join(", ")}`, oneOf(conditionNames), "real")
    .option("--task <name>", "the task, where the folder has several")
    .option("--resamples <n>", "resamples of the bootstrap", parse.positive, 10_000)
    .option("--seed <n>", "seed of the bootstrap and of drawn subsets", parse.count, 0)
    .action((folder: string, options: ScaleOptions) => scale(folder, options, context));
}

function counts(text: string): number[] {
  const values = parse.list(text).map(parse.positive);
  if (values.length === 0) throw new InvalidArgumentError("Expected whole numbers such as 1,2,4.");
  return [...new Set(values)].sort((a, b) => a - b);
}

async function scale(named: string, options: ScaleOptions, context: Context): Promise<void> {
  const [evals, schemas] = await Promise.all([import("@mede2/eval"), import("@mede2/schemas")]);
  const folder = pathOf(context, named);
  const records = await recordsFile(folder, named, options.task);
  const { images, seed, resamples, budgets, k } = options;
  const { model } = options;
  if (model !== undefined && (budgets.length === 0 || options.data === undefined))
    throw new CliError(
      "usage",
      "--model needs --budgets and --data",
      "say at how many tokens to cut, and of which questions",
    );
  const asked = options.data === undefined ? undefined : await questionsOf(pathOf(context, options.data));
  const ratings = asked && (await rate(folder, named, asked, options, context));
  const questions = await evals.scaledQuestions(schemas.readJsonl(records, schemas.evaluationRecordSchema), {
    images,
    rating: (id) => ratings?.get(id) ?? null,
  });
  if (questions.length === 0)
    throw new CliError(
      "no-data",
      `${named} has no answers with ${images} images`,
      "choose another with --images",
    );
  const scaled = evals.scalingCurve(questions, {
    seed,
    resamples,
    budgets,
    ...(k === undefined ? {} : { k }),
  });
  const forced =
    model === undefined || asked === undefined
      ? { points: [], n: 0 }
      : await forcedBudgets(
          {
            ...{ folder, records, model, budgets, images, resamples, seed },
            questions: asked,
            ...limited(options),
          },
          options,
          context,
        );
  const result = { ...scaled, curve: [...scaled.curve, ...forced.points], forced: forced.n };
  const file = join(folder, "scale.json");
  await schemas.writeFileAtomic(file, `${JSON.stringify({ images, ...result }, null, 2)}\n`);
  say(context, options, {
    json: { ...result, images, file },
    print: (output) => {
      for (const line of evals.scalingTable(result.curve).split("\n")) output.line(line);
      const { n, left, rated, answers } = result;
      output.line(
        `${n} questions${left === 0 ? "" : `, ${left} left out as they have too few answers`}; ${rated} of ${answers} answers rated`,
      );
      if (forced.n > 0)
        output.line(`thinking cut: the first answer to ${forced.n} questions, gains on the same`);
    },
  });
}

const limited = ({ limit }: ScaleOptions) => (limit === undefined ? {} : { limit });

async function questionsOf(file: string): Promise<ReadonlyMap<string, Question>> {
  const { questionSchema, readAllJsonl } = await import("@mede2/schemas");
  return new Map((await readAllJsonl(file, questionSchema)).map((question) => [question.id, question]));
}

/** Ratings by trace, one trace in memory at a time. */
async function rate(
  folder: string,
  named: string,
  questions: ReadonlyMap<string, Question>,
  { data, images }: ScaleOptions,
  context: Context,
): Promise<ReadonlyMap<string, number>> {
  const { readJsonl, traceSchema } = await import("@mede2/schemas");
  const rating = await blindRating();
  const ratings = new Map<string, number>();
  let unknown = 0;
  const progress = context.output.progress("rate");
  let done = 0;
  for await (const trace of readJsonl(join(folder, "answers.trace.jsonl"), traceSchema)) {
    context.io.stop.throwIfAborted();
    progress.update(++done, undefined, "answers");
    if (trace.images !== images) continue;
    const question = questions.get(trace.questionId);
    if (question === undefined) unknown += 1;
    const value = question === undefined ? null : rating(question, trace);
    if (value !== null) ratings.set(trace.id, value);
  }
  progress.end();
  if (unknown > 0)
    throw new CliError(
      "no-data",
      `${unknown} answers of ${named} are to questions that ${data} does not have`,
      "give the file of questions that was asked",
    );
  return ratings;
}
