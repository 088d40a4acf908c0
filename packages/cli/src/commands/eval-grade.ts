import { join } from "node:path";
import type { Summary } from "@mede2/eval";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say } from "../command.ts";
import { evaluationReply } from "../evaluation/evaluation-reply.ts";
import { gradeFolder } from "../evaluation/grade-folder.ts";
import { readingNamed } from "../evaluation/reading.ts";
import { CliError } from "../exit.ts";

type GradeOptions = CommonOptions & {
  readonly answers?: string;
  readonly run?: string;
  readonly data?: string;
  readonly out?: string;
  readonly task?: string;
  readonly name: string;
  readonly protocol?: string;
};

export function addEvalGrade(group: Command, context: Context): void {
  addCommand(group, "grade", "grade answers anew, of an evaluation or of any origin", [
    "mede2 eval grade --answers answers.jsonl --json",
    "mede2 eval grade --answers answers.jsonl --protocol medevalkit --out evaluations/other",
    "mede2 eval grade --run evaluations/base --data slake.questions.jsonl --protocol vlmevalkit",
  ])
    .option("--answers <file>", "lines of id, question, options (texts), answer (a letter), response")
    .option("--run <dir>", "or the folder of an evaluation: its answers are graded anew, nothing is asked")
    .option("--data <file>", "with --run: its questions")
    .option(
      "--protocol <name>",
      "read the answers as this protocol does, see mede2 eval tasks (default: strictly)",
    )
    .option("--out <dir>", "folder for the records, which mede2 compare reads")
    .option("--task <name>", "name of the task, for the records")
    .option("--name <name>", "name of who answered, for the records", "unknown")
    .action((options: GradeOptions) => grade(options, context));
}

async function grade(options: GradeOptions, context: Context): Promise<void> {
  const { answers, run, data, out } = options;
  if ((answers === undefined) === (run === undefined))
    throw new CliError("usage", "give --answers or --run", "one of the two names the answers");
  const { protocol, reading } = await readingNamed(options.protocol);
  let summaries: readonly Summary[];
  let file: string | undefined;
  if (run !== undefined) {
    if (data === undefined)
      throw new CliError("usage", "--run needs --data", "give the questions that were asked");
    const graded = await gradeFolder({
      ...{ folder: pathOf(context, run), named: run, data: pathOf(context, data), reading, protocol },
      ...(out === undefined ? {} : { out: pathOf(context, out) }),
    });
    ({ summaries, file } = graded);
  } else {
    const [{ summarise }, { gradeForeign }, { evaluationRecordSchema, portableName, writeJsonlAtomic }] =
      await Promise.all([import("@mede2/eval"), import("../grade-foreign.ts"), import("@mede2/schemas")]);
    const task = options.task ?? "answers";
    const records = await gradeForeign(pathOf(context, answers!), task, options.name, { reading, protocol });
    if (records.length === 0)
      throw new CliError("no-data", `${answers} has no answer`, "check how it was made");
    if (out !== undefined) {
      const { mkdir } = await import("node:fs/promises");
      const folder = pathOf(context, out);
      await mkdir(folder, { recursive: true });
      file = join(folder, `${portableName(task)}.evaluation.jsonl`);
      await writeJsonlAtomic(file, records, { schema: evaluationRecordSchema });
    }
    summaries = summarise(records, {});
  }
  const headline = summaries[0]!.images;
  say(
    context,
    options,
    await evaluationReply({ summaries, headline, records: file, rate: undefined, more: { protocol } }),
  );
}
