import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { EvaluationRecord, ImageCondition } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { conditionNames, oneOf } from "../local-model.ts";

type CompareOptions = CommonOptions & {
  readonly images?: ImageCondition;
  readonly task?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly reliance?: true;
};

export function addCompare(program: Command, context: Context): void {
  addCommand(program, "compare", "compare two or more evaluations question by question", [
    "mede2 compare evaluations/base evaluations/stage1 evaluations/stage2",
    "mede2 compare evaluations/base evaluations/stage2 --images swapped --json",
  ])
    .argument("<folders...>", "folders of mede2 eval, at least two")
    .option(
      "--images <name>",
      `condition: ${conditionNames.join(", ")} (default: real, or the only one there is)`,
      oneOf(conditionNames),
    )
    .option("--task <name>", "the task, where a folder has several")
    .option("--reliance", "also compare accuracy with real minus with swapped images")
    .option("--resamples <n>", "resamples of the bootstrap", parse.positive, 10_000)
    .option("--seed <n>", "seed of the bootstrap", parse.count, 0)
    .action((folders: string[], options: CompareOptions) => compareAll(folders, options, context));
}

async function compareAll(folders: string[], options: CompareOptions, context: Context): Promise<void> {
  if (folders.length < 2)
    throw new CliError("usage", "one evaluation cannot be compared", "name two or more folders");
  const { compare, comparisonTable, relianceDifference, withHolm } = await import("@mede2/eval");
  const sides = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      records: await recordsIn(pathOf(context, folder), folder, options.task),
    })),
  );
  const images = options.images ?? commonCondition(sides[0]!.records);
  const names = distinctNames(folders);
  const { resamples, seed } = options;
  const pairs = sides.flatMap((a, at) =>
    sides.slice(at + 1).map((b, more) => ({ a, b, from: names[at]!, to: names[at + 1 + more]! })),
  );
  const compared = withHolm(
    pairs.map(({ a, b, from, to }) => compare(a.records, b.records, { images, resamples, seed, from, to })),
  );
  const reliance = options.reliance
    ? withHolm(
        pairs.map(({ a, b, from, to }) =>
          relianceDifference(a.records, b.records, { resamples, seed, from, to }),
        ),
      )
    : undefined;
  say(context, options, {
    json: {
      comparisons: compared.map(({ detectable, wonIds: _w, lostIds: _l, mcnemar, ...rest }) => ({
        ...rest,
        ...(detectable === null ? {} : { detectable }),
        ...(mcnemar === null ? {} : { mcnemar }),
      })),
      ...(reliance === undefined ? {} : { reliance }),
    },
    print: (output) => {
      for (const line of comparisonTable(compared).split("\n")) output.line(line);
      if (reliance === undefined) return;
      output.line();
      output.line("Reliance: accuracy with real minus with swapped images");
      for (const line of comparisonTable(reliance).split("\n")) output.line(line);
    },
  });
}

/** The records of an evaluation folder; those of `task` where it has several. */
async function recordsIn(
  folder: string,
  named: string,
  task: string | undefined,
): Promise<EvaluationRecord[]> {
  const { evaluationRecordSchema, readAllJsonl } = await import("@mede2/schemas");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".evaluation.jsonl"));
  const wanted =
    task === undefined
      ? names
      : names.filter((name) => name === `${task.replace(/[^\w.-]+/g, "-")}.evaluation.jsonl`);
  const [only] = wanted;
  if (only === undefined || wanted.length > 1)
    throw new CliError(
      "no-evaluation",
      only === undefined
        ? `${named} has no ${task === undefined ? "*" : task}.evaluation.jsonl`
        : `${named} has several tasks: ${wanted.map((name) => basename(name, ".evaluation.jsonl")).join(", ")}`,
      only === undefined ? "name a folder that mede2 eval wrote, finished" : "choose one with --task",
    );
  return readAllJsonl(join(folder, only), evaluationRecordSchema);
}

function commonCondition(records: readonly EvaluationRecord[]): ImageCondition {
  const found = [...new Set(records.map(({ images }) => images))];
  return found.length === 1 ? found[0]! : "real";
}

/** The folders' own names, or the whole paths where two are equal. */
function distinctNames(folders: readonly string[]): readonly string[] {
  const names = folders.map((folder) => basename(folder));
  return new Set(names).size === names.length ? names : folders;
}
