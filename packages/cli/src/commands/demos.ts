import type { ChatModel } from "@mede2/llm";
import type { Command } from "commander";
import { addCommand, type Context, parse, pathOf, say } from "../command.ts";
import {
  type AnsweringOptions,
  addAnsweringOptions,
  withAnsweringModel,
} from "../evaluation/answering-model.ts";
import { CliError } from "../exit.ts";
import { oneOf } from "../local-model.ts";
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";

const reconstructionNames = ["off", "check", "rewrite"] as const;

type DemosOptions = AnsweringOptions & {
  readonly data: string;
  readonly out: string;
  readonly teacher: string;
  readonly orchestration: string;
  readonly count: number;
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly reconstruction: (typeof reconstructionNames)[number];
  readonly perCase: number;
  readonly similarity: number;
  readonly limit?: number;
};

export function addDemos(program: Command, context: Context): void {
  addAnsweringOptions(
    addCommand(
      program,
      "demos",
      "Stage-I demonstrations: a teacher's chains, checked, reconstructed with the answer masked, chosen to an exact number",
      [
        "mede2 demos --data ward.questions.jsonl --teacher ward --orchestration short --count 500 --out stage1.demonstrations.jsonl",
        "mede2 demos --data medqa.questions.jsonl --teacher http://127.0.0.1:8000/v1 --served teacher --samples 8 --out stage1.demonstrations.jsonl",
      ],
    )
      .requiredOption("--data <file>", "the cases, *.questions.jsonl; those with pictures are left out")
      .requiredOption(
        "--teacher <name>",
        "a model folder, a server's address (with --served), or ward: the ward's own generator, offline",
      )
      .requiredOption(
        "--out <file>",
        "*.demonstrations.jsonl; card, plan and every answer are kept beside it",
      )
      .option("--orchestration <name>", "what a chain must contain: paper, short, or a JSON file", "paper")
      .option("--count <n>", "demonstrations, exactly", parse.positive, 2000)
      .option("--samples <k>", "chains for each case", parse.positive, 4)
      .option("--temperature <x>", "0 takes the likeliest token", parse.atLeastZero, 1)
      .option("--top-p <x>", "share of the probability to draw from", parse.share, 1)
      .option("--max-tokens <n>", "longest chain", parse.positive, 2048)
      .option("--seed <n>", "seed of the draws and of the choice", parse.count, 1)
      .option(
        "--reconstruction <mode>",
        `of chains with their answer masked: ${reconstructionNames.join(", ")}`,
        oneOf(reconstructionNames),
        "check",
      )
      .option("--per-case <n>", "most chains of one case", parse.positive, 1)
      .option(
        "--similarity <x>",
        "chains that share so much of their wording (Jaccard) are one",
        parse.share,
        0.9,
      )
      .option("--limit <n>", "only the first cases", parse.positive),
  ).action((options: DemosOptions) => demos(options, context));
}

async function demos(options: DemosOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const [{ makeDemonstrations, readQuestions, wardTeacher }, { demoChecks }] = await Promise.all([
    import("@mede2/data"),
    import("../demo-checks.ts"),
  ]);
  if (!options.out.endsWith(".demonstrations.jsonl"))
    throw new CliError(
      "usage",
      `${options.out} is no name for demonstrations`,
      "let it end with .demonstrations.jsonl",
    );
  const isServer = /^https?:\/\//.test(options.teacher);
  if (isServer && options.served === undefined)
    throw new CliError(
      "usage",
      "--teacher is a server's address, which serves a model by name",
      "name it with --served",
    );
  const { count, samples, temperature, topP, maxTokens, seed, reconstruction, perCase, similarity, limit } =
    options;
  const data = pathOf(context, options.data);
  const [checks, orchestration] = [
    await demoChecks(),
    await orchestrationNamed(options.orchestration, context),
  ];
  const started = io.clock();
  const progress = output.progress("demos");
  context.resumeHint = "the answers so far are kept; run the same command again to go on";
  const work = (teacher: ChatModel, together: number) =>
    makeDemonstrations({
      ...{ data, out: pathOf(context, options.out), teacher, orchestration, checks, together },
      ...{ count, samples, temperature, topP, maxTokens, seed, reconstruction, perCase, similarity },
      ...(limit === undefined ? {} : { limit }),
      signal: io.stop,
      onProgress: (done, total, pass) => progress.update(done, total, pass),
    });
  let result: Awaited<ReturnType<typeof work>>;
  if (options.teacher === "ward") {
    const cases = [];
    for await (const { question } of readQuestions(data))
      if (question.images.length === 0) cases.push(question);
    result = await work(wardTeacher(cases), 1);
  } else
    result = await withAnsweringModel(options.teacher, options, context, (model) =>
      work(model, isServer ? 1 : options.batch),
    );
  progress.end();
  const seconds = (io.clock() - started) / 1000;
  const { written, dropped, tokens, asked, card, sha256 } = result;
  say(context, options, {
    json: { written, dropped, tokens, seconds, asked, card, file: options.out, sha256 },
    print: (to) =>
      printFields(to, [
        ["written", `${written} demonstrations in ${options.out}`],
        ["dropped", countsText(dropped)],
        ["asked", `${asked} answers, ${tokens} tokens in ${seconds.toFixed(1)} s`],
        ["card", card.replace(/\.json$/, ".md")],
      ]),
  });
}

/** A template that is built in, or one of a file. */
async function orchestrationNamed(named: string, context: Context) {
  const [{ orchestrations, parseOrchestration }, { readFile }] = await Promise.all([
    import("@mede2/data"),
    import("node:fs/promises"),
  ]);
  if (Object.hasOwn(orchestrations, named)) return orchestrations[named]!;
  if (!named.endsWith(".json"))
    throw new CliError(
      "usage",
      `there is no template ${named}`,
      `name ${Object.keys(orchestrations).join(", ")}, or a .json file`,
    );
  return parseOrchestration(await readFile(pathOf(context, named), "utf8"), named);
}
