import { type Command, Option } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { countsText, percent } from "../numbers.ts";
import { rubricNamed } from "../preference/rubric-option.ts";
import { printFields } from "../table.ts";

type BuildOptions = CommonOptions & {
  readonly out: string;
  readonly settings?: string;
  readonly rubric?: string;
  readonly calibration?: string;
  readonly seed?: number;
  readonly margin?: number;
  readonly bothRight?: number;
  readonly perCase?: number;
  readonly kindShare?: number;
  readonly balance?: "none" | "answer";
  readonly limit?: number;
  readonly unpaired?: boolean;
};

export function addPairsBuild(pairs: Command, context: Context): void {
  addCommand(pairs, "build", "choose pairs of a better and a worse answer from rated ones", [
    "mede2 pairs build rated.candidates.jsonl --both-right 0.3 --out stage2.pairs.jsonl",
    "mede2 pairs build rated.candidates.jsonl --unpaired --out stage2.rated.jsonl",
  ])
    .argument("<candidates>", "answers with ratings")
    .requiredOption("--out <file>", "file to write, *.pairs.jsonl; beside it *.statistics.json")
    .option(
      "--unpaired",
      "answers judged one by one instead of pairs, *.rated.jsonl, for the losses kto and bco; takes --settings, --rubric, --limit",
    )
    .option("--settings <file>", "all settings as JSON; the options below go before it")
    .option(
      "--rubric <file>",
      "the rubric that they were rated by (default: the built-in one that the ratings name)",
    )
    .option("--calibration <file>", "what mede2 pairs audit found of people's verdicts")
    .option("--seed <n>", "seed of the selection", parse.count)
    .option("--margin <x>", "least difference of totals", parse.atLeastZero)
    .option("--both-right <x>", "least share of pairs with both answers right", parse.atLeastZero)
    .option("--per-case <n>", "most pairs of one case", parse.positive)
    .option("--kind-share <x>", "greatest share of any one kind of negative", parse.share)
    .addOption(
      new Option("--balance <what>", "let the pairs of every right answer weigh the same").choices([
        "none",
        "answer",
      ]),
    )
    .option("--limit <n>", "most pairs", parse.positive)
    .action((file: string, options: BuildOptions) => build(file, options, context));
}

async function build(file: string, options: BuildOptions, context: Context): Promise<void> {
  if (options.unpaired === true) return buildUnpaired(file, options, context);
  const [{ buildPairsFile, calibrationSchema, pairSettingsSchema }, { readRecord, writeFileAtomic }] =
    await Promise.all([import("@mede2/preference"), import("@mede2/schemas")]);
  const files = { candidates: pathOf(context, file), out: pathOf(context, options.out) };
  const rubric = (await rubricNamed(options.rubric, context)) ?? (await rubricOfRatings(files.candidates));
  const { seed, margin, bothRight, perCase, kindShare, balance, limit } = options;
  const calibration =
    options.calibration === undefined
      ? undefined
      : (await readRecord(pathOf(context, options.calibration), calibrationSchema)).margin;
  if (options.calibration !== undefined && calibration === undefined)
    throw new CliError(
      "no-calibration",
      `${options.calibration} has no map of margins: it takes 20 decided blind verdicts`,
      "collect more verdicts, or leave it away",
    );
  const given = { seed, margin, bothRightShare: bothRight, perCase, kindShare, balance, limit, calibration };
  const settings = {
    ...(options.settings === undefined
      ? {}
      : await readRecord(pathOf(context, options.settings), pairSettingsSchema)),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const { kinds, dropped, statistics, sha256 } = await buildPairsFile(files, settings, rubric);
  const { pairs, bothRightShare } = statistics;
  const statisticsFile = `${options.out.replace(/\.pairs\.jsonl$|\.jsonl$/, "")}.statistics.json`;
  const told = { ...statistics, dropped, sha256, rubric: `${rubric.name}@${rubric.version}` };
  await writeFileAtomic(pathOf(context, statisticsFile), `${JSON.stringify(told, null, 2)}\n`);
  say(context, options, {
    json: { pairs, kinds, dropped, sha256, statistics, statisticsFile },
    print: (to) =>
      printFields(to, [
        ["pairs", `${pairs} in ${options.out}`],
        ["kinds", countsText(kinds)],
        ["both right", percent(bothRightShare)],
        ["dropped", countsText(dropped)],
        ["statistics", statisticsFile],
      ]),
  });
}

/** Options that only pairs have. */
const ofPairs = ["calibration", "seed", "margin", "bothRight", "perCase", "kindShare", "balance"] as const;

async function buildUnpaired(file: string, options: BuildOptions, context: Context): Promise<void> {
  const [{ buildRatedAnswersFile, ratedAnswerSettingsSchema }, { readRecord, writeFileAtomic }] =
    await Promise.all([import("@mede2/preference"), import("@mede2/schemas")]);
  const given = ofPairs.find((key) => options[key] !== undefined);
  if (given !== undefined)
    throw new CliError(
      "usage",
      `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is about pairs, and --unpaired makes none`,
      "leave it out; what rated answers have is set in --settings",
    );
  if (!options.out.endsWith(".rated.jsonl"))
    throw new CliError(
      "usage",
      `${options.out} is no name for rated answers`,
      "let it end with .rated.jsonl",
    );
  const files = { candidates: pathOf(context, file), out: pathOf(context, options.out) };
  const rubric = (await rubricNamed(options.rubric, context)) ?? (await rubricOfRatings(files.candidates));
  const settings =
    options.settings === undefined
      ? {}
      : await readRecord(pathOf(context, options.settings), ratedAnswerSettingsSchema);
  const { count: _, ...found } = await buildRatedAnswersFile(
    files,
    { ...settings, ...(options.limit === undefined ? {} : { limit: options.limit }) },
    rubric,
  );
  const statisticsFile = `${options.out.replace(/\.rated\.jsonl$/, "")}.statistics.json`;
  const told = { ...found, rubric: `${rubric.name}@${rubric.version}` };
  await writeFileAtomic(pathOf(context, statisticsFile), `${JSON.stringify(told, null, 2)}\n`);
  say(context, options, {
    json: { ...found, statisticsFile },
    print: (to) =>
      printFields(to, [
        ["answers", `${found.answers} of ${found.questions} questions in ${options.out}`],
        ["desirable", String(found.desirable)],
        ["undesirable", `${found.undesirable}, of which ${found.rightButUndesirable} are right`],
        ["dropped", countsText(found.dropped)],
        ["statistics", statisticsFile],
      ]),
  });
}

/** The built-in rubric that the first rating names. */
async function rubricOfRatings(path: string) {
  const [{ builtInRubrics, defaultRubric }, { candidatesSchema, readJsonl }] = await Promise.all([
    import("@mede2/preference"),
    import("@mede2/schemas"),
  ]);
  for await (const { ratings } of readJsonl(path, candidatesSchema)) {
    const name = ratings[0]?.scorer.rubric;
    if (name === undefined) continue;
    if (Object.hasOwn(builtInRubrics, name)) return builtInRubrics[name]!;
    throw new CliError(
      "usage",
      `the answers were rated by ${name}, which is not built in`,
      "name its file with --rubric",
    );
  }
  return defaultRubric;
}
