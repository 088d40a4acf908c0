import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { printFields } from "../table.ts";

type PretrainOptions = CommonOptions & {
  readonly out: string;
  readonly seed: number;
  readonly scale: number;
  readonly pool?: number;
  readonly threads: number;
};

export function addPretrainTiny(program: Command, context: Context): void {
  addCommand(program, "pretrain-tiny", "train the small base model of the demo from nothing", [
    "mede2 pretrain-tiny --out tiny-work --seed 1",
    "mede2 pretrain-tiny --out try --scale 0.01",
  ])
    .requiredOption("--out <dir>", "folder of data, runs and models; started again, it goes on there")
    .option("--seed <n>", "seed of data, weights and order", parse.count, 1)
    .option("--scale <x>", "share of all amounts, for trying it out", parse.aboveZero, 1)
    .option("--pool <n>", "questions that pretraining answers directly (default: the recipe's)", parse.count)
    .option("--threads <n>", "threads", parse.positive, Math.min(8, availableParallelism()))
    .action((options: PretrainOptions) => pretrain(options, context));
}

async function pretrain(options: PretrainOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const [{ pretrainTiny }, { codeVersion }] = await Promise.all([
    import("@mede2/recipes"),
    import("../version.ts"),
  ]);
  const { seed, scale, pool, threads } = options;
  const workspace = pathOf(context, options.out);
  await mkdir(workspace, { recursive: true });
  context.resumeHint = "what is done is kept; run the same command again to go on";
  const started = io.clock();
  let shown = "";
  let progress = output.progress("pretrain-tiny");
  const folder = await pretrainTiny({
    ...{ workspace, seed, threads, scale, code: await codeVersion(), signal: io.stop },
    ...(pool === undefined ? {} : { pool }),
    onProgress: (stage, done, total, note) => {
      if (stage !== shown) progress = output.progress(stage);
      shown = stage;
      progress.update(done, total, note);
    },
  });
  progress.end();
  const seconds = (io.clock() - started) / 1000;
  say(context, options, {
    json: { model: folder, seconds },
    print: (to) =>
      printFields(to, [
        ["model", relative(io.cwd, folder)],
        ["time", `${Math.round(seconds)} s`],
      ]),
  });
}
