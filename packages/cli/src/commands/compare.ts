import { basename } from "node:path";
import type { EvaluationScores, GateResult } from "@mede2/eval";
import type { ImageCondition } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { recordsFile } from "../evaluation/records-file.ts";
import { CliError } from "../exit.ts";
import { conditionNames, oneOf } from "../local-model.ts";
import type { Output } from "../output.ts";

type CompareOptions = CommonOptions & {
  readonly images?: ImageCondition;
  readonly task?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly margin?: number;
  readonly reliance?: true;
  readonly flips?: true;
  readonly requireImageUse?: true;
  readonly requireNoRegression?: true;
};

export function addCompare(program: Command, context: Context): void {
  addCommand(program, "compare", "compare two or more evaluations question by question", [
    "mede2 compare evaluations/base evaluations/stage1 evaluations/stage2",
    "mede2 compare evaluations/base evaluations/stage2 --require-image-use --margin 0.02 --json",
  ])
    .argument("<folders...>", "folders of mede2 eval, at least two")
    .option(
      "--images <name>",
      `condition: ${conditionNames.join(", ")} (default: real, or the only one there is)`,
      oneOf(conditionNames),
    )
    .option("--task <name>", "the task, where a folder has several")
    .option("--reliance", "also compare accuracy with real minus with swapped images")
    .option("--flips", "with --json, also the ids of the questions won and lost")
    .option(
      "--margin <x>",
      "a loss that is still none, as a fraction: also say whether each is no worse than that",
      parse.share,
    )
    .option(
      "--require-image-use",
      "fail unless the last evaluation uses its images as much as the first, and gains by them",
    )
    .option(
      "--require-no-regression",
      "fail unless none is worse than the first by more than the margin (default 0.02)",
    )
    .option("--resamples <n>", "resamples of the bootstrap", parse.positive, 10_000)
    .option("--seed <n>", "seed of the bootstrap", parse.count, 0)
    .action((folders: string[], options: CompareOptions) => compareAll(folders, options, context));
}

type Side = { readonly name: string; readonly scores: EvaluationScores };

async function compareAll(folders: string[], options: CompareOptions, context: Context): Promise<void> {
  if (folders.length < 2)
    throw new CliError("usage", "one evaluation cannot be compared", "name two or more folders");
  const { compare, comparisonTable, readScores, relianceDifference, withHolm } = await import("@mede2/eval");
  const names = distinctNames(folders);
  const sides: Side[] = [];
  for (const [at, folder] of folders.entries())
    sides.push({
      name: names[at]!,
      scores: await readScores(await recordsFile(pathOf(context, folder), folder, options.task)),
    });
  const images = options.images ?? commonCondition(sides[0]!.scores);
  const { resamples, seed, margin } = options;
  const pairs = sides.flatMap((a, at) =>
    sides.slice(at + 1).map((b) => ({ a, b, from: a.name, to: b.name })),
  );
  const compared = withHolm(
    pairs.map(({ a, b, from, to }) =>
      compare(a.scores, b.scores, {
        images,
        resamples,
        seed,
        from,
        to,
        ...(margin === undefined ? {} : { margin }),
      }),
    ),
  );
  const reliance = options.reliance
    ? withHolm(
        pairs.map(({ a, b, from, to }) =>
          relianceDifference(a.scores, b.scores, { resamples, seed, from, to }),
        ),
      )
    : undefined;
  const gates = await gatesOf(sides, images, options);
  say(context, options, {
    exit: gates.every(({ passed }) => passed) ? 0 : 1,
    json: {
      comparisons: compared.map(({ detectable, wonIds, lostIds, mcnemar, ...rest }) => ({
        ...rest,
        ...(detectable === null ? {} : { detectable }),
        ...(mcnemar === null ? {} : { mcnemar }),
        ...(options.flips ? { wonIds, lostIds } : {}),
      })),
      ...(reliance === undefined ? {} : { reliance }),
      ...(gates.length === 0 ? {} : { gates }),
    },
    print: (output) => {
      for (const line of comparisonTable(compared).split("\n")) output.line(line);
      for (const { from, to, nonInferior } of compared)
        if (nonInferior !== undefined)
          output.line(`${to} no worse than ${from} by ${points(nonInferior.margin)}: ${nonInferior.verdict}`);
      if (reliance !== undefined) {
        output.line();
        output.line("Reliance: accuracy with real minus with swapped images");
        for (const line of comparisonTable(reliance).split("\n")) output.line(line);
      }
      for (const gate of gates) printGate(output, gate);
    },
  });
}

async function gatesOf(
  sides: readonly Side[],
  images: ImageCondition,
  options: CompareOptions,
): Promise<GateResult[]> {
  const { imageUseGate, regressionGate } = await import("@mede2/eval");
  const { resamples, seed, margin = 0.02 } = options;
  const [first, last] = [sides[0]!, sides.at(-1)!];
  const settings = (to: Side) => ({ resamples, seed, margin, from: first.name, to: to.name });
  return [
    ...(options.requireImageUse ? [imageUseGate(first.scores, last.scores, settings(last))] : []),
    ...(options.requireNoRegression
      ? sides.slice(1).map((side) => regressionGate(first.scores, side.scores, { ...settings(side), images }))
      : []),
  ];
}

function printGate(output: Output, { gate, from, to, passed, checks }: GateResult): void {
  output.line();
  output.line(`${gate}, ${from} to ${to}: ${passed ? "passed" : "not passed"}`);
  for (const { name, status, difference, low, high, says } of checks)
    output.line(`  ${name}  ${status}  ${points(difference)} [${points(low)}, ${points(high)}]  ${says}`);
}

const points = (fraction: number) => `${(fraction * 100).toFixed(1)} points`;

function commonCondition({ conditions }: EvaluationScores): ImageCondition {
  const found = [...conditions.keys()];
  return found.length === 1 ? found[0]! : "real";
}

/** The folders' own names, or the whole paths where two are equal. */
function distinctNames(folders: readonly string[]): readonly string[] {
  const names = folders.map((folder) => basename(folder));
  return new Set(names).size === names.length ? names : folders;
}
