import { join } from "node:path";
import type { EvaluationFolder, Report } from "@mede2/eval";
import type { ImageStore } from "@mede2/images";
import type { ImageCondition, Question } from "@mede2/schemas";
import { type Command, InvalidArgumentError } from "commander";
import {
  addCommand,
  type CommonOptions,
  type Context,
  collect,
  parse,
  pathOf,
  say,
  workspaceFolder,
} from "../command.ts";
import { flaggedQuestions } from "../evaluation/flagged-questions.ts";
import { CliError } from "../exit.ts";
import { conditionNames, oneOf } from "../local-model.ts";

const formats = ["html", "md", "json", "eval"] as const;
type Format = (typeof formats)[number];

type ReportOptions = CommonOptions & {
  readonly out: string;
  readonly format: readonly Format[];
  readonly data: readonly string[];
  readonly task?: string;
  readonly images?: ImageCondition;
  readonly title?: string;
  readonly examples: number;
  readonly embedImages?: true;
  readonly flagged?: string;
  readonly resamples: number;
  readonly seed: number;
};

export function addReport(program: Command, context: Context): void {
  addCommand(
    program,
    "report",
    "report evaluations: a page with charts, Markdown, JSON, and logs for Inspect",
    [
      "mede2 report evaluations/base evaluations/stage1 evaluations/stage2 --data slake.questions.jsonl --embed-images --out report",
      "mede2 report evaluations/stage2 --format eval --data slake.questions.jsonl && inspect view --log-dir report",
    ],
  )
    .argument("<folders...>", "folders of mede2 eval, in the order in which they are to be compared")
    .option("--out <dir>", "folder of the report", "report")
    .option(
      "--format <list>",
      `any of ${formats.join(", ")}: one self-contained page, tables, all numbers, logs of Inspect`,
      parseFormats,
      ["html", "md", "json"],
    )
    .option(
      "--data <file>",
      "the questions that were asked, for examples and logs; may be given several times",
      collect,
      [],
    )
    .option("--task <name>", "only this task")
    .option(
      "--images <name>",
      `condition of the comparisons: ${conditionNames.join(", ")}`,
      oneOf(conditionNames),
    )
    .option("--title <text>", "title of the report")
    .option("--examples <n>", "examples of each kind; 0 for none", parse.count, 2)
    .option(
      "--embed-images",
      "put pictures of the workspace's image store into the page and the logs: only where they may be passed on",
    )
    .option(
      "--flagged <file>",
      "PATH.hits.jsonl of mede2 data audit QUESTIONS --against TRAINING --out PATH: accuracy on questions found in training data, and on the rest",
    )
    .option("--resamples <n>", "resamples of the bootstrap", parse.positive, 10_000)
    .option("--seed <n>", "seed of the bootstrap and of the examples", parse.count, 0)
    .action((folders: string[], options: ReportOptions) => reportAll(folders, options, context));
}

function parseFormats(text: string): Format[] {
  return parse.list(text).map((name) => {
    const found = formats.find((each) => each === name);
    if (found === undefined) throw new InvalidArgumentError(`Expected a list of ${formats.join(", ")}.`);
    return found;
  });
}

async function reportAll(folders: string[], options: ReportOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const evals = await import("@mede2/eval");
  const evaluations: EvaluationFolder[] = [];
  for (const folder of folders) {
    const all = await evals.evaluationFolders(pathOf(context, folder));
    const wanted = all.filter(({ task }) => options.task === undefined || task === options.task);
    if (wanted.length === 0)
      throw new CliError(
        "no-evaluation",
        `${folder} has no task ${options.task}, only ${all.map(({ task }) => task).join(", ")}`,
        "choose one with --task",
      );
    evaluations.push(...wanted);
  }
  const questions = await questionsOf(options, context);
  const flagged =
    options.flagged === undefined ? undefined : await flaggedQuestions(options.flagged, context);
  const store = options.embedImages ? await storeOf(options, context) : undefined;
  const progress = output.progress("report");
  const { images, title, examples, resamples, seed } = options;
  let steps = 0;
  const report = await evals.buildReport(evaluations, {
    ...{ created: new Date(io.clock()), questions, examples, resamples, seed, signal: io.stop },
    ...(store === undefined ? {} : { store }),
    ...(flagged === undefined ? {} : { flagged }),
    ...(images === undefined ? {} : { images }),
    ...(title === undefined ? {} : { title }),
    onProgress: (what) => progress.update(steps++, undefined, what),
  });
  const found = ({ subsets }: (typeof report.tasks)[number]) =>
    subsets.some(({ name, accuracy }) => name === "flagged" && accuracy.some(({ share }) => share !== null));
  if (flagged !== undefined && flagged.size > 0 && !report.tasks.some(found))
    output.note(
      `note: no flagged question of ${options.flagged} was asked: the audit must be of the benchmark against the training data`,
    );
  const files = await write(report, options, context);
  if (options.format.includes("eval")) {
    let done = 0;
    for (const evaluation of evaluations) {
      const logs = await evals.exportInspect(evaluation, {
        ...{ out: pathOf(context, options.out), questions, signal: io.stop },
        ...(store === undefined ? {} : { store }),
        onSample: () => progress.update(++done, undefined, "samples"),
      });
      files.push(...logs.map(({ path }) => path));
    }
  }
  progress.end();
  say(context, options, {
    json: { files, tasks: report.tasks.map(({ task, comparisons }) => ({ task, comparisons })) },
    print: (lines) => {
      for (const line of evals.reportLines(report)) lines.line(line);
      lines.line();
      for (const file of files) lines.line(file);
    },
  });
}

async function write(report: Report, { out, format }: ReportOptions, context: Context): Promise<string[]> {
  const [{ reportMarkdown, reportPage }, { writeFileAtomic }] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/schemas"),
  ]);
  const texts: Partial<Record<Format, () => string>> = {
    html: () => reportPage(report),
    md: () => reportMarkdown(report),
    json: () => `${JSON.stringify(report, null, 2)}\n`,
  };
  const files: string[] = [];
  for (const name of format) {
    const text = texts[name];
    if (text === undefined) continue;
    const file = join(pathOf(context, out), `report.${name}`);
    await writeFileAtomic(file, text());
    files.push(file);
  }
  return files;
}

async function questionsOf({ data }: ReportOptions, context: Context): Promise<Map<string, Question>> {
  const { questionSchema, readJsonl } = await import("@mede2/schemas");
  const questions = new Map<string, Question>();
  for (const file of data)
    for await (const question of readJsonl(pathOf(context, file), questionSchema))
      questions.set(question.id, question);
  return questions;
}

async function storeOf(options: ReportOptions, context: Context): Promise<ImageStore> {
  const [{ openImageStore }, { defaultImageStore }] = await Promise.all([
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  return openImageStore(join(workspaceFolder(context, options), defaultImageStore));
}
