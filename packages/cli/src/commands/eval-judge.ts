import { join } from "node:path";
import type { JudgeItem } from "@mede2/eval";
import type { AnswerStatus, Question, Trace } from "@mede2/schemas";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type Context, parse, pathOf, say } from "../command.ts";
import {
  type AnsweringOptions,
  addAnsweringOptions,
  withAnsweringModel,
} from "../evaluation/answering-model.ts";
import { recordsFile } from "../evaluation/records-file.ts";
import { CliError } from "../exit.ts";
import { conditionNames, oneOf } from "../local-model.ts";

type JudgeOptions = AnsweringOptions & {
  readonly model: string;
  readonly data: string;
  readonly task?: string;
  readonly images: (typeof conditionNames)[number];
  readonly statuses: readonly AnswerStatus[];
  readonly maxTokens: number;
};

const statuses = ["ambiguous", "unparsed", "found", "refused", "truncated"] as const;

export function addEvalJudge(group: Command, context: Context): void {
  addAnsweringOptions(
    addCommand(group, "judge", "let a model read what our rules could not, as a second score", [
      "mede2 eval judge evaluations/base --model judge --data slake.questions.jsonl",
    ])
      .argument("<folder>", "folder of an evaluation")
      .requiredOption("--model <dir or url>", "folder of the judge, or a server (https://host/v1)")
      .requiredOption("--data <file>", "the questions that were asked")
      .option("--task <name>", "the task, where the folder has several")
      .option("--images <name>", `condition: ${conditionNames.join(", ")}`, oneOf(conditionNames), "real")
      .option("--statuses <list>", `which answers: ${statuses.join(", ")}`, parseStatuses, [
        "ambiguous",
        "unparsed",
      ])
      .option("--max-tokens <n>", "longest verdict", parse.positive, 512),
  ).action((folder: string, options: JudgeOptions) => judge(folder, options, context));
}

function parseStatuses(text: string): AnswerStatus[] {
  return parse.list(text).map((name) => {
    const found = statuses.find((each) => each === name);
    if (found === undefined) throw new InvalidArgumentError(`Expected a list of ${statuses.join(", ")}.`);
    return found;
  });
}

async function judge(named: string, options: JudgeOptions, context: Context): Promise<void> {
  const [{ judgeAnswers }, schemas] = await Promise.all([import("@mede2/eval"), import("@mede2/schemas")]);
  const { evaluationRecordSchema, questionSchema, readAllJsonl, readJsonl, traceSchema, writeFileAtomic } =
    schemas;
  const folder = pathOf(context, named);
  const records = await recordsFile(folder, named, options.task);
  const questions = new Map<string, Question>(
    (await readAllJsonl(pathOf(context, options.data), questionSchema)).map((question) => [
      question.id,
      question,
    ]),
  );
  const wanted = (await readAllJsonl(records, evaluationRecordSchema)).filter(
    ({ images }) => images === options.images,
  );
  const ids = new Set(wanted.map(({ traceId }) => traceId));
  const traces = new Map<string, Trace>();
  for await (const trace of readJsonl(join(folder, "answers.trace.jsonl"), traceSchema))
    if (ids.has(trace.id)) traces.set(trace.id, trace);
  const items = wanted.flatMap((record): JudgeItem[] => {
    const [question, trace] = [questions.get(record.questionId), traces.get(record.traceId)];
    return question === undefined || trace === undefined ? [] : [{ question, record, trace }];
  });
  if (items.length === 0)
    throw new CliError(
      "no-data",
      `no answer of ${named} has its question in ${options.data}`,
      "give the questions that were asked",
    );
  context.resumeHint = "the verdicts so far are kept; run the same command again to go on";
  const progress = context.output.progress("judge");
  const score = await withAnsweringModel(options.model, options, context, (model) =>
    judgeAnswers(items, {
      ...{
        judge: model,
        file: join(folder, "judge.jsonl"),
        statuses: options.statuses,
        maxTokens: options.maxTokens,
      },
      signal: context.io.stop,
      onProgress: ({ done, total }) => progress.update(done, total, "verdicts"),
    }),
  );
  progress.end();
  const { verdicts: _, ...json } = score;
  await writeFileAtomic(join(folder, "judge.json"), `${JSON.stringify(json, null, 2)}\n`);
  say(context, options, {
    json,
    print: (output) => {
      const [strict, judged, low, high] = [score.strict, score.withJudge, score.low, score.high].map(
        (share) => (share === null ? "–" : (share * 100).toFixed(1)),
      );
      output.line(
        `strict  ${strict}    strict + ${score.judge}  ${judged} [${low}, ${high}]    of ${score.n}`,
      );
      const why = Object.entries(score.unscored).map(([reason, n]) => `${n} ${reason}`);
      output.line(
        `${score.judged} judged, ${score.right} of them right${why.length > 0 ? `, ${why.join(", ")}` : ""}; verdicts in judge.jsonl, the score in judge.json`,
      );
    },
  });
}
