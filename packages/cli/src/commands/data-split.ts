import type { GroupKind } from "@mede2/data";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { printFields } from "../table.ts";

type SplitOptions = CommonOptions & {
  readonly out: string;
  readonly shares: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly by: readonly string[];
};

/** `mede2 data split`, into the group `data`. */
export function addDataSplit(data: Command, context: Context): void {
  addCommand(data, "split", "give questions new splits that share no picture, patient or case", [
    "mede2 data split all.questions.jsonl --shares train=0.8,test=0.2 --out disjoint.questions.jsonl",
  ])
    .argument("<file>", "*.questions.jsonl")
    .requiredOption("--out <file>", "file to write, *.questions.jsonl")
    .requiredOption(
      "--shares <list>",
      "share of the groups for each split, such as train=0.8,test=0.2",
      sharesOf,
    )
    .option("--seed <n>", "seed of the draw", parse.count, 0)
    .option("--by <kinds>", "what stays together: pictures, patient, case, stem", parse.list, [
      "pictures",
      "patient",
      "case",
    ])
    .action((file: string, options: SplitOptions) => split(file, options, context));
}

function sharesOf(text: string): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const part of parse.list(text)) {
    const [, name, value] = /^([\w-]+)=(0?\.\d+|1)$/.exec(part) ?? [];
    if (name === undefined)
      throw new InvalidArgumentError("Expected names and shares, such as train=0.8,test=0.2.");
    shares[name] = Number(value);
  }
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-9) throw new InvalidArgumentError(`The shares must make 1, not ${total}.`);
  return shares;
}

async function split(file: string, options: SplitOptions, context: Context): Promise<void> {
  const { groupKinds, splitFile } = await import("@mede2/data");
  if (!options.out.endsWith(".questions.jsonl"))
    throw new CliError(
      "usage",
      `${options.out} is no name for questions`,
      "let it end with .questions.jsonl",
    );
  const by = options.by.map((name): GroupKind => {
    const kind = groupKinds.find((one) => one === name);
    if (kind === undefined)
      throw new CliError("usage", `nothing stays together by ${name}`, `--by takes ${groupKinds.join(", ")}`);
    return kind;
  });
  context.resumeHint = "nothing was written; run the same command again";
  const { shares, seed } = options;
  const { splits, count, sha256 } = await splitFile(pathOf(context, file), pathOf(context, options.out), {
    ...{ shares, seed, by },
  });
  say(context, options, {
    json: { kept: count, splits, file: options.out, sha256 },
    print: (output) =>
      printFields(output, [
        ["questions", `${count} in ${options.out}`],
        ...Object.entries(splits).map(
          ([name, { questions, groups }]) => [name, `${questions} questions, ${groups} groups`] as const,
        ),
      ]),
  });
}
