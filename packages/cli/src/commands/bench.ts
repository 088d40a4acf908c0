import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchReport } from "@mede2/recipes";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";

type Options = CommonOptions & {
  readonly quick?: true;
  readonly python?: string;
  readonly threads: number;
  readonly model?: ("tiny" | "30m")[];
  readonly work?: ("sft-full" | "generate-1" | "generate-32")[];
  readonly out?: string;
  readonly markdown?: string;
};

export function addBench(program: Command, context: Context): void {
  addCommand(program, "bench", "measure training and generation against transformers on this machine", [
    "mede2 bench",
    "mede2 bench --quick --model tiny --json",
    "mede2 bench --markdown docs/benchmarks.md",
  ])
    .option("--quick", "fewer rounds and shorter generations: for a look, not for a claim")
    .option(
      "--python <dir>",
      "Python environment of the peer (default: where scripts/parity-env.sh makes it)",
    )
    .option("--threads <n>", "threads of each side", parse.positive, 2)
    .option("--model <list>", "tiny, 30m (default: both)", oneOf("tiny", "30m"))
    .option(
      "--work <list>",
      "sft-full, generate-1, generate-32 (default: all)",
      oneOf("sft-full", "generate-1", "generate-32"),
    )
    .option("--out <file>", "also write the report as JSON")
    .option("--markdown <file>", "also write the table as Markdown, between its marks when FILE has them")
    .action((options: Options) => bench(options, context));
}

async function bench(options: Options, context: Context): Promise<void> {
  const { io, output } = context;
  const { benchMarkdown, BenchFault, defaultPeerFolder, replaceBenchPart, runBench } = await import(
    "@mede2/recipes"
  );
  const python =
    options.python === undefined ? defaultPeerFolder(io.env, homedir()) : pathOf(context, options.python);
  const work = await mkdtemp(join(tmpdir(), "mede2-bench-"));
  const progress = output.progress("bench");
  let report: BenchReport;
  try {
    report = await runBench({
      python,
      work,
      threads: options.threads,
      ...(options.quick === true ? { quick: true } : {}),
      ...(options.model === undefined ? {} : { models: options.model }),
      ...(options.work === undefined ? {} : { works: options.work }),
      signal: io.stop,
      onProgress: progress.update,
    });
  } catch (error) {
    if (error instanceof BenchFault && error.code === "peer-missing")
      throw new CliError(error.code, error.message, error.next);
    throw error;
  } finally {
    progress.end();
    await rm(work, { recursive: true, force: true });
  }
  const date = new Date(io.clock()).toISOString().slice(0, 10);
  const { writeFileAtomic } = await import("@mede2/schemas");
  const markdown = benchMarkdown(report, commandText(options), date);
  if (options.out !== undefined)
    await writeFileAtomic(pathOf(context, options.out), `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown !== undefined) {
    const path = pathOf(context, options.markdown);
    await writeFileAtomic(path, replaceBenchPart(await textOf(path), markdown));
  }
  say(context, options, {
    json: report,
    print: ({ line }) => {
      for (const each of markdown.trimEnd().split("\n")) line(each);
    },
  });
}

/** How the command was given, without what only says where its output goes. */
function commandText({ quick, model, work, threads }: Options): string {
  return [
    "mede2 bench",
    ...(quick === true ? ["--quick"] : []),
    ...(model === undefined ? [] : [`--model ${model.join(",")}`]),
    ...(work === undefined ? [] : [`--work ${work.join(",")}`]),
    ...(threads === 2 ? [] : [`--threads ${threads}`]),
  ].join(" ");
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return "";
    throw error;
  }
}

function oneOf<T extends string>(...known: T[]): (text: string) => T[] {
  return (text) => {
    const given = parse.list(text);
    const unknown = given.find((each) => !(known as string[]).includes(each));
    if (unknown !== undefined || given.length === 0)
      throw new InvalidArgumentError(`Expected some of ${known.join(", ")}, with commas between them.`);
    return given as T[];
  };
}
