import { join } from "node:path";
import type { Judging, ScoreSettings } from "@mede2/preference";
import type { Candidates, Trace } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type Context, parse, pathOf, say, workspaceFolder } from "../command.ts";
import { CliError } from "../exit.ts";
import {
  addModelOptions,
  checkpointName,
  type ModelOptions,
  oneOf,
  styleNames,
  withModel,
} from "../local-model.ts";
import { countsText, short } from "../numbers.ts";
import { addJudgeOptions, type JudgeOptions, openJudges } from "../preference/judges.ts";
import { pictureVariants } from "../preference/pictures.ts";
import { rubricNamed } from "../preference/rubric-option.ts";
import { tallyRatings } from "../preference/tally-ratings.ts";
import { printFields } from "../table.ts";

const linkNames = ["ward", "none"] as const;
const modeNames = ["programmatic", "judge", "jury"] as const;

type ScoreOptions = ModelOptions &
  JudgeOptions & {
    readonly out: string;
    readonly rubric?: string;
    readonly links: (typeof linkNames)[number];
    readonly mode: (typeof modeNames)[number];
    readonly calibration?: string;
    readonly negatives?: string[];
    readonly seed: number;
    readonly model?: string;
    readonly counterfactual?: true;
    readonly style: (typeof styleNames)[number];
  };

export function addPairsScore(pairs: Command, context: Context): void {
  const command = addCommand(
    pairs,
    "score",
    "rate every answer: gates, and criteria with the spans they rest on",
    [
      "mede2 pairs score cases.candidates.jsonl --links ward --out rated.candidates.jsonl",
      "mede2 pairs score cases.candidates.jsonl --negatives fabricated-fact,contradiction,reflection-removed --out rated.candidates.jsonl",
      "mede2 pairs score cases.candidates.jsonl --mode jury --judge gemma-3-27b@http://127.0.0.1:8001/v1 --judge qwen2.5-vl-72b@http://127.0.0.1:8002/v1 --out rated.candidates.jsonl",
    ],
  )
    .argument("<candidates>", "answers as mede2 sample writes them")
    .requiredOption("--out <file>", "file to write, *.candidates.jsonl")
    .option(
      "--rubric <file>",
      "rubric as YAML or JSON, or mmrp@1 or mmrp-text@3 (default: mmrp@1 with links, else mmrp-text@3)",
    )
    .option(
      "--links <name>",
      "who knows the truth of a step: ward for cases of the ward, or none",
      oneOf(linkNames),
      "none",
    )
    .option(
      "--mode <name>",
      `${modeNames.join(", ")}; judges never open a gate`,
      oneOf(modeNames),
      "programmatic",
    )
    .option("--calibration <file>", "what mede2 pairs audit found of the judges")
    .option(
      "--negatives <kinds>",
      "construct negatives of the good answers, kinds by comma, or all",
      parse.list,
    )
    .option("--seed <n>", "seed of the negatives", parse.count, 0)
    .option("--model <dir>", "a local model: it makes the negatives that need one, and the counterfactual")
    .option(
      "--counterfactual",
      "compare the answers' log-probabilities under the real, a blank and a swapped picture",
    )
    .option("--style <name>", `prompt of the answers: ${styleNames.join(", ")}`, oneOf(styleNames), "reason");
  addModelOptions(addJudgeOptions(command)).action((file: string, options: ScoreOptions) =>
    score(file, options, context),
  );
}

async function score(file: string, options: ScoreOptions, context: Context): Promise<void> {
  const { io, output } = context;
  if (options.counterfactual && options.model === undefined)
    throw new CliError("usage", "--counterfactual needs a model", "name its folder with --model");
  if ((options.mode === "programmatic") !== (options.judge.length === 0))
    throw new CliError(
      "usage",
      options.mode === "programmatic"
        ? "judges are named, but the mode asks none"
        : `mode ${options.mode} needs a judge`,
      "use --mode judge or jury together with --judge",
    );
  const [preference, { candidatesSchema, readJsonl, writeJsonlAtomic }] = await Promise.all([
    import("@mede2/preference"),
    import("@mede2/schemas"),
  ]);
  const [from, to] = [pathOf(context, file), pathOf(context, options.out)];
  const rubric =
    (await rubricNamed(options.rubric, context)) ??
    (options.links === "ward" ? preference.defaultRubric : preference.textRubric);
  const tally = tallyRatings();
  const progress = output.progress("score");
  context.resumeHint = "nothing was written; run the same command again: what judges said is kept";
  const judging = await judgingOf(options, to, context);
  let done = 0;
  const run = async (more: Partial<ScoreSettings>) => {
    const links = await linksOf(options, context);
    const rated = preference.scoreCandidates(readJsonl(from, candidatesSchema), {
      ...{ rubric, judging: judging?.judging, ...links },
      ...more,
    });
    async function* noted(): AsyncGenerator<Candidates> {
      for await (const candidates of rated) {
        io.stop.throwIfAborted();
        tally.add(candidates);
        done += 1;
        progress.update(done, undefined, "questions");
        yield candidates;
      }
    }
    return writeJsonlAtomic(to, noted(), { schema: candidatesSchema });
  };
  const negatives = await negativesOf(options, context);
  if (options.model === undefined)
    await run(negatives.text === undefined ? {} : { negatives: negatives.text });
  else {
    const { defaultImageStore } = await import("@mede2/runs");
    const { promptStyles } = await import("@mede2/llm");
    const pictures = await pictureVariants(
      from,
      join(workspaceFolder(context, options), defaultImageStore),
      options.seed,
    );
    const style = promptStyles[options.style];
    await withModel(options.model, options, context, (_, local) =>
      run({
        ...(options.counterfactual && {
          counterfactuals: preference.counterfactualsBy({
            model: local,
            style,
            variants: pictures.counterfactual,
            signal: io.stop,
          }),
        }),
        negatives: async (candidates: Candidates, good: readonly Trace[]) => [
          ...((await negatives.text?.(candidates, good)) ?? []),
          ...(negatives.model.length === 0
            ? []
            : await preference.modelNegatives(candidates.question, good, {
                ...{
                  model: local,
                  style,
                  kinds: negatives.model,
                  pictures: pictures.negative,
                  seed: options.seed,
                },
                ...{ checkpoint: checkpointName(options.model!, options), signal: io.stop },
              })),
        ],
      }),
    );
  }
  progress.clear();
  const { scored, unscored, criteria, gates, constructed } = tally.result();
  const spent = judging?.spent();
  say(context, options, {
    json: {
      scored,
      unscored,
      criteria,
      gates,
      constructed,
      questions: done,
      ...(spent === undefined ? {} : { judges: spent }),
    },
    print: (to) =>
      printFields(to, [
        ["scored", `${scored} answers to ${done} questions`],
        ["unscored", countsText(unscored)],
        ["gates failed", countsText(gates)],
        ...(constructed > 0 ? [["constructed", String(constructed)] as [string, string]] : []),
        ...Object.entries(criteria).map(([name, mean]): [string, string] => [name, short(mean)]),
        ...(spent === undefined
          ? []
          : [
              [
                "judges",
                `${spent.requests} requests, ${spent.tokens.prompt + spent.tokens.completion} tokens`,
              ] as [string, string],
            ]),
      ]),
  });
}

async function judgingOf(options: ScoreOptions, out: string, context: Context) {
  if (options.mode === "programmatic") return undefined;
  const { calibrationSchema } = await import("@mede2/preference");
  const { readRecord } = await import("@mede2/schemas");
  const { judges, spent } = await openJudges(options, `${out}.judged`, context);
  const calibration =
    options.calibration === undefined
      ? undefined
      : await readRecord(pathOf(context, options.calibration), calibrationSchema);
  const judging: Judging = { mode: options.mode, judges, calibration, signal: context.io.stop };
  return { judging, spent };
}

async function linksOf(options: ScoreOptions, _: Context): Promise<Partial<ScoreSettings>> {
  if (options.links === "none") return {};
  const { wardLinks } = await import("@mede2/recipes");
  return {
    links: (question, trace) => {
      if (question.source !== "ward")
        throw new CliError("no-links", `${question.id} is no case of the ward`, "leave --links ward away");
      return wardLinks(question, trace);
    },
  };
}

/** With a model, the kinds that a model can make are made by it; the others by rules. */
async function negativesOf(options: ScoreOptions, _: Context) {
  const { constructedKinds, modelKinds, textNegatives } = await import("@mede2/preference");
  const asked: readonly string[] = options.negatives?.includes("all")
    ? constructedKinds
    : (options.negatives ?? []);
  const unknown = asked.find((kind) => !(constructedKinds as readonly string[]).includes(kind));
  if (unknown !== undefined)
    throw new CliError(
      "usage",
      `${unknown} is no kind of negative`,
      `choose among ${constructedKinds.join(", ")}, or all`,
    );
  const byModel = modelKinds.filter((kind) => options.model !== undefined && asked.includes(kind));
  const byText = constructedKinds.filter(
    (kind) => asked.includes(kind) && !(byModel as readonly string[]).includes(kind),
  );
  return {
    model: byModel,
    text: byText.length === 0 ? undefined : textNegatives(byText, { seed: options.seed }),
  };
}
