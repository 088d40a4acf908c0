import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { dim } from "../output.ts";

type FilmsOptions = Omit<CommonOptions, "workspace"> & {
  readonly out: string;
  readonly model?: string;
  readonly quick?: true;
  readonly controls?: true;
  readonly fold?: number;
  readonly seed: number;
  readonly threads: number;
};

export function addFilms(program: Command, context: Context): void {
  addCommand(
    program,
    "films <source>",
    "both stages on real chest films: perception adapted first, then reasoning, four models compared",
    ["mede2 films chest_xray --out films", "mede2 films chest_xray --out trial --fold 0 --seed 2"],
  )
    .addHelpText(
      "before",
      "SOURCE holds the class folders as published (train/NORMAL, …), or labels.jsonl and images/.\n",
    )
    .requiredOption(
      "--out <dir>",
      "folder of the work, which is its workspace; started again, it goes on there",
    )
    .option("--model <dir>", "folder of the base model (default: the one shipped)")
    .option("--quick", "fewer films and chains, to see the recipe work")
    .option("--controls", "train what could stand in the place of Stage II too, and compare")
    .option(
      "--fold <0-4>",
      "hold out a fifth of the training films by patient, not the test films",
      parse.count,
    )
    .option("--seed <n>", "seed of data, sampling and training", parse.count, 1)
    .option("--threads <n>", "threads", parse.positive, Math.min(8, availableParallelism()))
    .action((source: string, options: FilmsOptions) => films(source, options, context));
}

async function films(source: string, options: FilmsOptions, context: Context): Promise<void> {
  const { io, output } = context;
  if (options.fold !== undefined && options.fold > 4)
    throw new CliError("fold", `there is no fold ${options.fold}`, "folds are 0, 1, 2, 3 and 4");
  const [{ runFilms, filmsControls, filmsMarkdown }, { codeVersion }] = await Promise.all([
    import("@mede2/recipes"),
    import("../version.ts"),
  ]);
  const workspace = pathOf(context, options.out);
  const { seed, threads, quick = false } = options;
  context.resumeHint = "what is done is kept; run the same command again to go on";
  let shown = "";
  let progress = output.progress("");
  const report = await runFilms({
    ...{ workspace, source: pathOf(context, source), seed, threads, quick, signal: io.stop },
    code: await codeVersion(),
    ...(options.model === undefined ? {} : { model: pathOf(context, options.model) }),
    ...(options.fold === undefined ? {} : { developmentFold: options.fold }),
    ...(options.controls ? { controls: filmsControls } : {}),
    onProgress: ({ step, done, total, unit }) => {
      if (step !== shown) progress = output.progress(step);
      shown = step;
      progress.update(done, total, unit);
    },
  });
  progress.end();
  say(context, options, {
    json: report,
    print: (to) => {
      for (const line of filmsMarkdown(report).split("\n")) to.line(line);
      to.line();
      to.line("Research only, not for diagnosis.");
      to.line(dim("report  "), relative(io.cwd, join(workspace, "report.json")));
    },
  });
}
