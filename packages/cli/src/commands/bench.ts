import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchModel, BenchReport, BenchTerms, BenchWork } from "@mede2/recipes";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";

type Options = CommonOptions & {
  readonly quick?: true;
  readonly python?: string;
  readonly swift?: string;
  readonly threads: number;
  readonly model?: BenchModel[];
  readonly work?: BenchWork[];
  readonly terms?: BenchTerms[];
  readonly out?: string;
  readonly markdown?: string;
  readonly chart?: string;
};

// the same lists as in @mede2/recipes, which is loaded when the command runs and not for its help
const models = ["tiny", "tiny-151936", "30m", "135m"] as const satisfies BenchModel[];
const works = [
  "sft-full",
  "sft-lora",
  "dpo-lora",
  "generate-1",
  "generate-32",
] as const satisfies BenchWork[];
const terms = ["float32", "best"] as const satisfies BenchTerms[];

export function addBench(program: Command, context: Context): void {
  addCommand(
    program,
    "bench",
    "measure training and generation against TRL and transformers on this machine",
    [
      "mede2 bench",
      "mede2 bench --quick --model tiny --json",
      "mede2 bench --markdown docs/benchmarks.md --chart docs/images/benchmarks.svg",
    ],
  )
    .option("--quick", "fewer rounds and shorter generations: for a look, not for a claim")
    .option(
      "--python <dir>",
      "Python environment of the peer (default: where scripts/parity-env.sh makes it)",
    )
    .option(
      "--swift <dir>",
      "Python environment with ms-swift (default: where scripts/swift-env.sh makes it)",
    )
    .option("--threads <n>", "threads of each side", parse.positive, 2)
    .option("--model <list>", `${models.join(", ")} (default: all)`, oneOf(...models))
    .option("--work <list>", `${works.join(", ")} (default: all)`, oneOf(...works))
    .option("--terms <list>", `${terms.join(", ")} (default: both)`, oneOf(...terms))
    .option("--out <file>", "also write the report as JSON")
    .option("--markdown <file>", "also write the table as Markdown, between its marks when FILE has them")
    .option("--chart <file>", "also draw the ratios as SVG")
    .action((options: Options) => bench(options, context));
}

async function bench(options: Options, context: Context): Promise<void> {
  const { io, output } = context;
  const { benchChart, benchMarkdown, BenchFault, defaultPeerFolder, defaultSwiftFolder, ...more } =
    await import("@mede2/recipes");
  const { replaceBenchPart, runBench } = more;
  const folder = (given: string | undefined, fallback: string) =>
    given === undefined ? fallback : pathOf(context, given);
  const work = await mkdtemp(join(tmpdir(), "mede2-bench-"));
  const progress = output.progress("bench");
  let report: BenchReport;
  try {
    report = await runBench({
      python: folder(options.python, defaultPeerFolder(io.env, homedir())),
      swift: folder(options.swift, defaultSwiftFolder(io.env, homedir())),
      work,
      threads: options.threads,
      ...(options.quick === true ? { quick: true } : {}),
      ...(options.model === undefined ? {} : { models: options.model }),
      ...(options.work === undefined ? {} : { works: options.work }),
      ...(options.terms === undefined ? {} : { terms: options.terms }),
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
  if (options.chart !== undefined) await writeFileAtomic(pathOf(context, options.chart), benchChart(report));
  say(context, options, {
    json: report,
    print: ({ line }) => {
      for (const each of markdown.trimEnd().split("\n")) line(each);
    },
  });
}

/** How the command was given, without what only says where its output goes. */
function commandText({ quick, model, work, terms, threads }: Options): string {
  return [
    "mede2 bench",
    ...(quick === true ? ["--quick"] : []),
    ...(model === undefined ? [] : [`--model ${model.join(",")}`]),
    ...(work === undefined ? [] : [`--work ${work.join(",")}`]),
    ...(terms === undefined ? [] : [`--terms ${terms.join(",")}`]),
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
