import { type Command, Option } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";

const ways = ["right", "mmrp", "chosen"] as const;

type BestOptions = CommonOptions & {
  readonly out: string;
  readonly by: (typeof ways)[number];
  readonly perQuestion: number;
  readonly seed: number;
};

/** `mede2 pairs best`, into the group `pairs`. */
export function addPairsBest(pairs: Command, context: Context): void {
  addCommand(
    pairs,
    "best",
    "a model's own good answers as demonstrations: rejection-sampling fine-tuning, the baseline of preferences",
    [
      "mede2 pairs best rated.candidates.jsonl --by right --per-question 2 --out own.demonstrations.jsonl",
      "mede2 pairs best stage2.pairs.jsonl --by chosen --out chosen.demonstrations.jsonl",
      "mede2 plan rejection-sampling --model models/stage1 --data own.demonstrations.jsonl --out own.plan.json",
    ],
  )
    .argument("<file>", "*.candidates.jsonl (rated, for --by mmrp), or *.pairs.jsonl for --by chosen")
    .requiredOption("--out <file>", "file to write, *.demonstrations.jsonl")
    .addOption(
      new Option(
        "--by <what>",
        "any right answer; the best total that passes every gate; the chosen sides of pairs",
      )
        .choices(ways)
        .default("right"),
    )
    .option("--per-question <n>", "most answers of one question, with different words", parse.positive, 1)
    .option("--seed <n>", "seed of the choice", parse.count, 0)
    .action((file: string, options: BestOptions) => best(file, options, context));
}

async function best(file: string, options: BestOptions, context: Context): Promise<void> {
  const [{ bestOf, chosenDemonstrations }, schemas] = await Promise.all([
    import("@mede2/preference"),
    import("@mede2/schemas"),
  ]);
  const { candidatesSchema, demonstrationSchema, preferencePairSchema, readAllJsonl, writeJsonlAtomic } =
    schemas;
  const { out, by, perQuestion, seed } = options;
  if (!out.endsWith(".demonstrations.jsonl"))
    throw new CliError(
      "usage",
      `${out} is no name for demonstrations`,
      "let it end with .demonstrations.jsonl",
    );
  const path = pathOf(context, file);
  const { demonstrations, dropped } =
    by === "chosen"
      ? { demonstrations: chosenDemonstrations(await readAllJsonl(path, preferencePairSchema)), dropped: {} }
      : bestOf(await readAllJsonl(path, candidatesSchema), { seed, by, perQuestion });
  const { count, sha256 } = await writeJsonlAtomic(pathOf(context, out), demonstrations, {
    schema: demonstrationSchema,
  });
  say(context, options, {
    json: { written: count, dropped, file: out, sha256 },
    print: (to) =>
      printFields(to, [
        ["demonstrations", `${count} in ${out}`],
        ["dropped", countsText(dropped)],
      ]),
  });
}
