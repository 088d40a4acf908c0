import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { dim } from "../output.ts";
import { duration } from "../progress.ts";

type DemoOptions = Omit<CommonOptions, "workspace"> & {
  readonly out: string;
  readonly quick?: true;
  readonly seed: number;
  readonly threads?: number;
  readonly base?: string;
};

export function addDemo(program: Command, context: Context): void {
  addCommand(
    program,
    "demo",
    "take a small model through both stages and show, on questions it never saw, what each was worth",
    ["mede2 demo --quick --out demo", "mede2 demo --seed 2 --out demo-2 --json"],
  )
    .requiredOption(
      "--out <dir>",
      "folder of the demo, which is its workspace; started again, it goes on there",
    )
    .option("--quick", "fewer cases: wider intervals in under three minutes on two cores")
    .option("--seed <n>", "seed of data, sampling and training", parse.count, 1)
    .option("--threads <n>", "threads (default: all cores, at most 8)", parse.positive)
    .option("--base <dir>", "folder of a Qwen2.5-VL model to begin with (default: the one shipped)")
    .action((options: DemoOptions) => demo(options, context));
}

async function demo(options: DemoOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const workspace = pathOf(context, options.out);
  const [{ runDemo, tinyFolder }, { codeVersion }, { stepSeconds, timeLeft }] = await Promise.all([
    import("@mede2/recipes"),
    import("../version.ts"),
    import("../demo/time-left.ts"),
  ]);
  const base = options.base === undefined ? tinyFolder : pathOf(context, options.base);
  if (!existsSync(join(base, "config.json")))
    throw new CliError(
      "no-model",
      options.base === undefined
        ? "this build comes without its base model"
        : `${options.base} holds no config.json: it is no folder of a model`,
      "name a folder of a Qwen2.5-VL model with --base, such as one that mede2 pretrain-tiny makes",
    );
  const quick = options.quick === true;
  const { seed } = options;
  const threads = await claim(workspace, options.out, { quick, seed, base, threads: options.threads });
  await (await import("@mede2/nn")).loadProcessor(base); // what is wrong with a base is said at once
  context.resumeHint = "what is done is kept; run the same command again to go on";
  const started = io.clock();
  const left = timeLeft(stepSeconds[quick ? "quick" : "full"]);
  let shown: string | undefined;
  let progress = output.progress("");
  const report = await runDemo({
    ...{ workspace, quick, seed, threads, code: await codeVersion(), signal: io.stop },
    ...(options.base === undefined ? {} : { base }),
    onProgress: ({ step, done, total, unit }) => {
      if (step !== shown) progress = output.progress(step);
      shown = step;
      const rest = left(step, done, total, (io.clock() - started) / 1000);
      progress.update(done, total, `${unit} · about ${duration(rest)} to the end of the demo`, false);
    },
  });
  progress.end();
  const [{ printReport }, { chooseTraces, printTraces }, { listRuns }] = await Promise.all([
    import("../demo/demo-tables.ts"),
    import("../demo/demo-traces.ts"),
    import("@mede2/runs"),
  ]);
  const traces = options.json ? [] : await chooseTraces(workspace);
  const runs = (await listRuns(workspace)).map(({ dir }) => shownPath(dir, io.cwd)).sort();
  say(context, options, {
    json: report,
    print: (out) => {
      printTraces(out, traces, Math.min(io.stdout.columns ?? 120, 180));
      printReport(out, report);
      out.line();
      out.line(dim("runs    "), runs.join("  "));
      out.line(dim("report  "), shownPath(join(workspace, "report.json"), io.cwd));
    },
  });
}

function shownPath(path: string, cwd: string): string {
  const here = relative(cwd, path);
  return here.startsWith("..") ? path : here;
}

type Claim = { readonly quick: boolean; readonly seed: number; readonly base: string };

/** A folder belongs to one demo: what is half done in it must not be continued as another. Returns the threads to use. */
async function claim(
  workspace: string,
  named: string,
  { threads, ...wanted }: Claim & { readonly threads: number | undefined },
): Promise<number> {
  const { writeFileAtomic } = await import("@mede2/schemas");
  const path = join(workspace, "demo.json");
  const text = await readFile(path, "utf8").catch((error: { code?: string }) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) {
    const settings = { ...wanted, threads: threads ?? Math.min(8, availableParallelism()) };
    await mkdir(workspace, { recursive: true });
    await writeFileAtomic(path, `${JSON.stringify(settings, null, 2)}\n`);
    return settings.threads;
  }
  const before = settingsIn(text, path);
  const other =
    (["quick", "seed", "base"] as const).find((key) => before[key] !== wanted[key]) ??
    (threads !== undefined && threads !== before.threads ? "threads" : undefined);
  if (other !== undefined)
    throw new CliError(
      "other-demo",
      `${named} holds a demo whose ${other} is ${JSON.stringify(before[other])}, not ${JSON.stringify(other === "threads" ? threads : wanted[other])}`,
      "choose another --out, or remove the folder",
    );
  return before.threads;
}

function settingsIn(text: string, path: string): Claim & { readonly threads: number } {
  try {
    const value = JSON.parse(text) as Claim & { readonly threads: number };
    if (Number.isSafeInteger(value.threads) && value.threads > 0) return value;
  } catch {
    // told below
  }
  throw new CliError(
    "other-demo",
    `${path} is not the settings of a demo`,
    "remove it, or choose another --out",
  );
}
