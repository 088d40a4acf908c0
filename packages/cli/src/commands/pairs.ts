import type { Candidates } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, addGroup, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { oneOf } from "../local-model.ts";
import { countsText, percent, short } from "../numbers.ts";
import { printFields } from "../table.ts";

const linkNames = ["ward", "none"] as const;
type ScoreOptions = CommonOptions & {
  readonly out: string;
  readonly rubric?: string;
  readonly links: (typeof linkNames)[number];
};
type BuildOptions = CommonOptions & {
  readonly out: string;
  readonly settings?: string;
  readonly rubric?: string;
  readonly seed?: number;
  readonly margin?: number;
  readonly bothRight?: number;
  readonly perCase?: number;
  readonly limit?: number;
};

export function addPairs(program: Command, context: Context): void {
  const pairs = addGroup(
    program,
    "pairs",
    "score answers by the multimodal medical reasoning preference, and pair them",
  );
  addCommand(pairs, "score", "rate every answer: gates, and criteria with the spans they rest on", [
    "mede2 pairs score cases.candidates.jsonl --links ward --out rated.candidates.jsonl",
  ])
    .argument("<candidates>", "answers as mede2 sample writes them")
    .requiredOption("--out <file>", "file to write, *.candidates.jsonl")
    .option("--rubric <file>", "rubric as JSON (default: the built-in one)")
    .option(
      "--links <name>",
      "who knows the truth of a step: ward for cases of the ward, or none",
      oneOf(linkNames),
      "none",
    )
    .action((file: string, options: ScoreOptions) => score(file, options, context));
  addCommand(pairs, "build", "choose pairs of a better and a worse answer from rated ones", [
    "mede2 pairs build rated.candidates.jsonl --both-right 0.3 --out stage2.pairs.jsonl",
  ])
    .argument("<candidates>", "answers with ratings")
    .requiredOption("--out <file>", "file to write, *.pairs.jsonl")
    .option("--settings <file>", "all settings as JSON; the options below go before it")
    .option("--rubric <file>", "the rubric that they were rated by (default: the built-in one)")
    .option("--seed <n>", "seed of the selection", parse.count)
    .option("--margin <x>", "least difference of totals", parse.atLeastZero)
    .option("--both-right <x>", "least share of pairs with both answers right", parse.atLeastZero)
    .option("--per-case <n>", "most pairs of one case", parse.positive)
    .option("--limit <n>", "most pairs", parse.positive)
    .action((file: string, options: BuildOptions) => build(file, options, context));
}

async function rubricOf(file: string | undefined, context: Context) {
  const [{ defaultRubric, rubricSchema }, { readRecord }] = await Promise.all([
    import("@mede2/preference"),
    import("@mede2/schemas"),
  ]);
  return file === undefined
    ? defaultRubric
    : rubricSchema.parse(await readRecord(pathOf(context, file), rubricSchema));
}

async function score(file: string, options: ScoreOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const [{ scoreCandidates }, { candidatesSchema, readJsonl, writeJsonlAtomic }, recipes, rubric] =
    await Promise.all([
      import("@mede2/preference"),
      import("@mede2/schemas"),
      options.links === "ward" ? import("@mede2/recipes") : undefined,
      rubricOf(options.rubric, context),
    ]);
  const links = recipes?.wardLinks;
  const tally = tallyRatings();
  const progress = output.progress("score");
  context.resumeHint = "nothing was written; run the same command again";
  const rated = scoreCandidates(readJsonl(pathOf(context, file), candidatesSchema), {
    rubric,
    ...(links === undefined
      ? {}
      : {
          links: (question, trace) => {
            if (question.source !== "ward")
              throw new CliError(
                "no-links",
                `${question.id} is no case of the ward`,
                "leave --links ward away",
              );
            return links(question, trace);
          },
        }),
  });
  let done = 0;
  async function* noted(): AsyncGenerator<Candidates> {
    for await (const candidates of rated) {
      io.stop.throwIfAborted();
      tally.add(candidates);
      done += 1;
      progress.update(done, undefined, "questions");
      yield candidates;
    }
  }
  await writeJsonlAtomic(pathOf(context, options.out), noted(), { schema: candidatesSchema });
  progress.clear();
  const { scored, unscored, criteria, gates } = tally.result();
  say(context, options, {
    json: { scored, unscored, criteria, gates, questions: done },
    print: (to) =>
      printFields(to, [
        ["scored", `${scored} answers to ${done} questions`],
        ["unscored", countsText(unscored)],
        ["gates failed", countsText(gates)],
        ...Object.entries(criteria).map(([name, mean]): [string, string] => [name, short(mean)]),
      ]),
  });
}

/** Answers with a total; why criteria have no value; means of the criteria over those that have one; answers that fail each gate. */
function tallyRatings() {
  let scored = 0;
  const unscored: Record<string, number> = {};
  const gates: Record<string, number> = {};
  const sums = new Map<string, { sum: number; count: number }>();
  return {
    add({ ratings, traces }: Candidates): void {
      for (const { total, criteria, gates: states } of ratings.slice(0, traces.length)) {
        if (total !== null) scored += 1;
        for (const [name, state] of Object.entries(states))
          if (state === "failed") gates[name] = (gates[name] ?? 0) + 1;
        for (const [name, judgement] of Object.entries(criteria)) {
          if (judgement.status === "unscored") {
            const reason = `${name}: ${judgement.reason}`;
            unscored[reason] = (unscored[reason] ?? 0) + 1;
            continue;
          }
          const before = sums.get(name) ?? { sum: 0, count: 0 };
          sums.set(name, { sum: before.sum + judgement.value, count: before.count + 1 });
        }
      }
    },
    result: () => ({
      ...{ scored, unscored, gates },
      criteria: Object.fromEntries([...sums].map(([name, { sum, count }]) => [name, sum / count])),
    }),
  };
}

async function build(file: string, options: BuildOptions, context: Context): Promise<void> {
  const [{ buildPairsFile, pairSettingsSchema }, { readRecord }, rubric] = await Promise.all([
    import("@mede2/preference"),
    import("@mede2/schemas"),
    rubricOf(options.rubric, context),
  ]);
  const { seed, margin, bothRight, perCase, limit } = options;
  const given = { seed, margin, bothRightShare: bothRight, perCase, limit };
  const settings = {
    ...(options.settings === undefined
      ? {}
      : await readRecord(pathOf(context, options.settings), pairSettingsSchema)),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const files = { candidates: pathOf(context, file), out: pathOf(context, options.out) };
  const { kinds, dropped, statistics, sha256 } = await buildPairsFile(files, settings, rubric);
  const { pairs, bothRightShare } = statistics;
  say(context, options, {
    json: { pairs, kinds, dropped, sha256, statistics },
    print: (to) =>
      printFields(to, [
        ["pairs", `${pairs} in ${options.out}`],
        ["kinds", countsText(kinds)],
        ["both right", percent(bothRightShare)],
        ["dropped", countsText(dropped)],
      ]),
  });
}
