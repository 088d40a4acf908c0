import { basename, join, resolve } from "node:path";
import type { Summary } from "@mede2/eval";
import type { ImageCondition } from "@mede2/schemas";
import { type Command, InvalidArgumentError } from "commander";
import {
  addCommand,
  addGroup,
  type CommonOptions,
  type Context,
  parse,
  pathOf,
  type Reply,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError } from "../exit.ts";
import {
  addModelOptions,
  checkpointName,
  conditionNames,
  type ModelOptions,
  oneOf,
  stageNames,
  styleNames,
  withModel,
} from "../local-model.ts";

type RunOptions = ModelOptions & {
  readonly model: string;
  readonly task: string;
  readonly data: string;
  readonly out: string;
  readonly images: ImageCondition[];
  readonly style: (typeof styleNames)[number];
  readonly stage?: (typeof stageNames)[number];
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly limit?: number;
};
type GradeOptions = CommonOptions & {
  readonly answers: string;
  readonly out?: string;
  readonly task: string;
  readonly name: string;
};

export function addEval(program: Command, context: Context): void {
  const group = addGroup(program, "eval", "answer and grade questions");
  addModelOptions(
    addCommand(group, "run", "let a model answer questions, and grade the answers", [
      "mede2 eval run --model runs/stage2/checkpoints/final --task films --data films.questions.jsonl --images real,swapped --out evaluations/stage2",
    ])
      .requiredOption("--model <dir>", "folder of the model")
      .requiredOption("--task <name>", "name of the task, for the records")
      .requiredOption("--data <file>", "the questions, *.questions.jsonl")
      .requiredOption("--out <dir>", "folder of the evaluation; started again, it goes on there")
      .option(
        "--images <list>",
        `one or more of ${conditionNames.join(", ")}; the first is the headline`,
        parseConditions,
        ["real"],
      )
      .option("--style <name>", `prompt: ${styleNames.join(", ")}`, oneOf(styleNames), "reason")
      .option(
        "--stage <name>",
        `stage of the model, for the records: ${stageNames.join(", ")}`,
        oneOf(stageNames),
      )
      .option("--samples <k>", "answers to each question", parse.positive, 1)
      .option("--temperature <x>", "0 takes the likeliest token", parse.atLeastZero, 0)
      .option("--top-p <x>", "share of the probability to draw from", parse.share, 1)
      .option("--max-tokens <n>", "longest answer", parse.positive, 256)
      .option("--seed <n>", "seed of draws, swaps and noise", parse.count, 0)
      .option("--limit <n>", "only the first questions", parse.positive),
  ).action((options: RunOptions) => evaluateModel(options, context));
  addCommand(group, "grade", "grade answers of any origin", [
    "mede2 eval grade --answers answers.jsonl --json",
    "mede2 eval grade --answers answers.jsonl --out evaluations/other",
  ])
    .requiredOption("--answers <file>", "lines of id, question, options (texts), answer (a letter), response")
    .option("--out <dir>", "folder for the records, which mede2 compare reads")
    .option("--task <name>", "name of the task, for the records", "answers")
    .option("--name <name>", "name of who answered, for the records", "unknown")
    .action((options: GradeOptions) => grade(options, context));
}

function parseConditions(text: string): ImageCondition[] {
  return parse.list(text).map((name) => {
    const found = conditionNames.find((each) => each === name);
    if (found === undefined)
      throw new InvalidArgumentError(`Expected a list of ${conditionNames.join(", ")}.`);
    return found;
  });
}

async function evaluateModel(options: RunOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const [{ evaluate }, { promptStyles }, { questionSchema, readAllJsonl }, { openImageStore }, runs] =
    await Promise.all([
      import("@mede2/eval"),
      import("@mede2/llm"),
      import("@mede2/schemas"),
      import("@mede2/images"),
      import("@mede2/runs"),
    ]);
  const all = await readAllJsonl(pathOf(context, options.data), questionSchema);
  const questions = options.limit === undefined ? all : all.slice(0, options.limit);
  if (questions.length === 0)
    throw new CliError("no-data", `${options.data} has no question`, "check how it was made");
  const { temperature, topP, maxTokens, samples, seed, task, stage } = options;
  context.resumeHint = "the answers so far are kept; run the same command again to go on";
  const progress = output.progress(`eval ${task}`);
  const { summaries, records, rate } = await withModel(options.model, options, context, async (model) => {
    const result = await evaluate({
      ...{ questions, model, conditions: options.images, samples, task, seed },
      ...{ style: promptStyles[options.style], sampling: { temperature, topP, maxTokens } },
      store: openImageStore(join(workspaceFolder(context, options), runs.defaultImageStore)),
      out: pathOf(context, options.out),
      checkpoint: checkpointName(options.model, options),
      ...(stage === undefined ? {} : { stage }),
      // where the finding is known, a swap always changes it
      ...(questions.every(({ facts }) => typeof facts?.finding === "string")
        ? { swap: { key: (question) => String(question.facts?.finding) } }
        : {}),
      signal: io.stop,
      onProgress: ({ done, total }) => progress.update(done, total, "answers"),
    });
    const { tokens, seconds } = model.written;
    return { ...result, rate: seconds > 0 ? tokens / seconds : undefined };
  });
  progress.end();
  say(context, options, await evaluationReply(summaries, options.images[0]!, records, rate));
}

async function grade(options: GradeOptions, context: Context): Promise<void> {
  const [{ summarise }, { gradeForeign }, { evaluationRecordSchema, writeJsonlAtomic }] = await Promise.all([
    import("@mede2/eval"),
    import("../grade-foreign.ts"),
    import("@mede2/schemas"),
  ]);
  const path = pathOf(context, options.answers);
  const records = await gradeForeign(path, options.task, options.name);
  if (records.length === 0)
    throw new CliError("no-data", `${options.answers} has no answer`, "check how it was made");
  let file: string | undefined;
  if (options.out !== undefined) {
    const { mkdir } = await import("node:fs/promises");
    const folder = pathOf(context, options.out);
    await mkdir(folder, { recursive: true });
    file = join(folder, `${options.task.replace(/[^\w.-]+/g, "-")}.evaluation.jsonl`);
    await writeJsonlAtomic(file, records, { schema: evaluationRecordSchema });
  }
  const summaries = summarise(records, {});
  say(context, options, await evaluationReply(summaries, summaries[0]!.images, file, undefined));
}

async function evaluationReply(
  summaries: readonly Summary[],
  headline: ImageCondition,
  records: string | undefined,
  rate: number | undefined,
): Promise<Reply> {
  const { summaryTable } = await import("@mede2/eval");
  const { accuracy, low, high, n, correct, answers, band, excluded } = summaries.find(
    ({ images }) => images === headline,
  )!;
  return {
    json: {
      ...(accuracy === null ? {} : { accuracy }),
      ...(low === null || high === null ? {} : { low, high }),
      ...{ n, correct, answers, excluded },
      ...(band === null ? {} : { band }),
      ...(rate === undefined ? {} : { tokensPerSecond: rate }),
      ...(records === undefined ? {} : { records: resolve(records) }),
      summaries,
    },
    print: (output) => {
      for (const line of summaryTable(summaries).split("\n")) output.line(line);
      if (rate !== undefined) output.line(`${Math.round(rate)} tokens/s`);
      if (records !== undefined) output.line(`records  ${basename(records)}`);
    },
  };
}
