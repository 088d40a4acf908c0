import { join } from "node:path";
import type { Question } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type Context, parse, pathOf, say } from "../command.ts";
import { askedProtocol, forceableItems } from "../evaluation/forceable-items.ts";
import { recordsFile } from "../evaluation/records-file.ts";
import { CliError } from "../exit.ts";
import { addModelOptions, type ModelOptions, withModel } from "../local-model.ts";

type CalibrateOptions = ModelOptions & {
  readonly model: string;
  readonly data: string;
  readonly task?: string;
  readonly limit?: number;
  readonly seed: number;
};

export function addEvalCalibrate(group: Command, context: Context): void {
  addModelOptions(
    addCommand(
      group,
      "calibrate",
      "say whether a model is right as often as it is sure: the probability of each option behind its own thinking",
      [
        "mede2 eval calibrate evaluations/stage2 --data slake.questions.jsonl --model runs/stage2/checkpoints/final",
      ],
    ),
  )
    .argument("<folder>", "folder of mede2 eval run, with real images")
    .requiredOption("--data <file>", "the questions that were asked")
    .requiredOption("--model <dir>", "the model that answered")
    .option("--task <name>", "the task, where the folder has several")
    .option("--limit <n>", "only the first questions", parse.positive)
    .option("--seed <n>", "seed of the bootstrap", parse.count, 0)
    .action((folder: string, options: CalibrateOptions) => calibrate(folder, options, context));
}

async function calibrate(named: string, options: CalibrateOptions, context: Context): Promise<void> {
  const [{ optionCalibration }, { questionSchema, readAllJsonl, writeFileAtomic }] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/schemas"),
  ]);
  const folder = pathOf(context, named);
  const { data, limit, seed, model } = options;
  const items = await forceableItems({
    ...{ folder, images: "real", records: await recordsFile(folder, named, options.task) },
    questions: new Map<string, Question>(
      (await readAllJsonl(pathOf(context, data), questionSchema)).map((question) => [question.id, question]),
    ),
    ...(limit === undefined ? {} : { limit }),
  });
  const protocol = await askedProtocol(folder);
  context.resumeHint = "nothing was written; run the same command again";
  const progress = context.output.progress("calibrate");
  const found = await withModel(model, options, context, (_, local) =>
    optionCalibration(items, {
      ...{ model: local, protocol, seed, signal: context.io.stop },
      onProgress: (done, total) => progress.update(done, total, "questions"),
    }),
  );
  progress.end();
  if (found === null)
    throw new CliError("no-data", "no question has one right option", "give such questions with --data");
  const file = join(folder, "options.json");
  await writeFileAtomic(file, `${JSON.stringify(found, null, 2)}\n`);
  const { n, accuracy, low, high, confidence, brier, brierOptions, ece, aurc, excess } = found;
  say(context, options, {
    json: { ...found, file },
    print: (output) => {
      const percent = (share: number | null) => (share === null ? "–" : (share * 100).toFixed(1));
      output.line(
        `${n} questions: the likeliest option is right in ${percent(accuracy)} % [${percent(low)}, ${percent(high)}], its probability is ${percent(confidence)} % on average`,
      );
      output.line(
        `ECE ${ece.value.toFixed(3)} [${ece.low.toFixed(3)}, ${ece.high.toFixed(3)}], Brier ${brier.toFixed(3)} (over all options ${brierOptions.toFixed(3)}), AURC ${aurc.toFixed(3)}, ${excess.toFixed(3)} above the best order`,
      );
      output.line("written to options.json, which mede2 report draws");
    },
  });
}
