import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ChatModel } from "@mede2/llm";
import type { Question } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type Context, parse, pathOf, say, workspaceFolder } from "../command.ts";
import {
  type AnsweringOptions,
  addAnsweringOptions,
  withAnsweringModel,
} from "../evaluation/answering-model.ts";
import { CliError } from "../exit.ts";
import { checkpointName, oneOf, stageNames, styleNames } from "../local-model.ts";
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";

type SampleOptions = AnsweringOptions & {
  readonly model: string;
  readonly data: string;
  readonly out: string;
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly style: (typeof styleNames)[number];
  readonly stage?: (typeof stageNames)[number];
  readonly limit?: number;
};

export function addSample(program: Command, context: Context): void {
  addAnsweringOptions(
    addCommand(program, "sample", "sample several answers to each question, for preference pairs", [
      "mede2 sample --model runs/stage1/checkpoints/final --data cases.questions.jsonl --out cases.candidates.jsonl",
      "mede2 sample --model http://127.0.0.1:8000/v1 --served Qwen/Qwen2.5-VL-7B-Instruct --style reason-labels --max-tokens 2048 --data cases.questions.jsonl --out cases.candidates.jsonl",
    ])
      .requiredOption(
        "--model <dir or URL>",
        "the model that answers: a folder, or an OpenAI-compatible server",
      )
      .requiredOption("--data <file>", "the questions, *.questions.jsonl")
      .requiredOption("--out <file>", "*.candidates.jsonl; what it has already is not asked again")
      .option("--samples <k>", "answers to each question", parse.positive, 4)
      .option("--temperature <x>", "0 takes the likeliest token", parse.atLeastZero, 0.8)
      .option("--top-p <x>", "share of the probability to draw from", parse.share, 1)
      .option("--max-tokens <n>", "longest answer", parse.positive, 256)
      .option("--seed <n>", "seed of the draws", parse.count, 1)
      .option("--style <name>", `prompt: ${styleNames.join(", ")}`, oneOf(styleNames), "reason")
      .option(
        "--stage <name>",
        `stage of the model, for the records: ${stageNames.join(", ")}`,
        oneOf(stageNames),
      )
      .option("--limit <n>", "only the first questions", parse.positive),
  ).action((options: SampleOptions) => sample(options, context));
}

async function sample(options: SampleOptions, context: Context): Promise<void> {
  const { io, output } = context;
  const [
    { sampleCandidates },
    { promptStyles },
    { questionSchema, readAllJsonl },
    { openImageStore },
    { defaultImageStore },
  ] = await Promise.all([
    import("@mede2/recipes"),
    import("@mede2/llm"),
    import("@mede2/schemas"),
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  const started = io.clock();
  const out = pathOf(context, options.out);
  const all = await readAllJsonl(pathOf(context, options.data), questionSchema);
  const wanted = options.limit === undefined ? all : all.slice(0, options.limit);
  const store = openImageStore(join(workspaceFolder(context, options), defaultImageStore));
  const { questions, dropped } = answerable(wanted, store.has);
  if (questions.length === 0)
    throw new CliError(
      "no-data",
      `${options.data} has no question that can be asked (${countsText(dropped)})`,
      "check how it was made, and import it with its pictures into this workspace",
    );
  const { samples, temperature, topP, maxTokens, seed, stage } = options;
  if (existsSync(out)) await refuseOther(out, options);
  await mkdir(dirname(out), { recursive: true });
  context.resumeHint = "the answers so far are kept; run the same command again to go on";
  const progress = output.progress("sample");
  const { written, tokens } = await withAnsweringModel(options.model, options, context, (model) =>
    sampleCandidates({
      ...{ model: whole(model), questions, samples, temperature, topP, maxTokens, seed, out },
      ...{ style: promptStyles[options.style], stage: stage ?? null },
      checkpoint: sampledModel(options),
      // answers of a server are dear: few are under way when the command is killed
      ...(options.served === undefined ? {} : { together: 16 }),
      signal: io.stop,
      onProgress: (done, total) => progress.update(done, total, "questions"),
    }),
  );
  progress.end();
  const seconds = (io.clock() - started) / 1000;
  say(context, options, {
    json: { written, dropped, tokens, seconds, kept: questions.length - written, file: out },
    print: (to) =>
      printFields(to, [
        ["written", `${written} questions with ${samples} answers each in ${options.out}`],
        ["before", `${questions.length - written} were there`],
        ["dropped", countsText(dropped)],
        ["tokens", `${tokens} in ${seconds.toFixed(1)} s`],
      ]),
  });
}

/** How the records name the model: of a server, its address and what it serves. */
const sampledModel = (options: SampleOptions): string =>
  options.served === undefined
    ? checkpointName(options.model, options)
    : `${options.served} at ${options.model}`;

/**
 * The model with its reasoning in the text, as traces have it. A reply that failed for a reason that passes (the server is away) ends the command: it would
 * stand in the file as an answer and never be asked again.
 */
function whole(model: ChatModel): ChatModel {
  return {
    name: model.name,
    async generate(requests, settings) {
      const { replyText } = await import("@mede2/llm");
      const replies = await model.generate(requests, settings);
      const lost = replies.find(
        ({ error }) => error !== undefined && !/^http-4|^unknown-finish/.test(error.code),
      );
      if (lost?.error !== undefined)
        throw new CliError(
          "no-reply",
          `the model did not answer: ${lost.error.message}`,
          "run the same command again to go on",
        );
      return replies.map((reply) => ({ ...reply, text: replyText(reply) }));
    },
  };
}

/** The questions that can be put to a model: each once, with all its pictures in the store. */
function answerable(
  all: readonly Question[],
  has: (sha256: string) => boolean,
): { questions: Question[]; dropped: Record<string, number> } {
  const seen = new Set<string>();
  const dropped: Record<string, number> = {};
  const questions = all.filter(({ id, images }) => {
    const missing = !images.every(({ sha256 }) => has(sha256));
    const reason = seen.has(id) ? "duplicate-id" : missing ? "image-missing" : undefined;
    seen.add(id);
    if (reason !== undefined) dropped[reason] = (dropped[reason] ?? 0) + 1;
    return reason === undefined;
  });
  return { questions, dropped };
}

/** Answers that were drawn otherwise must not be mixed into one file. */
async function refuseOther(out: string, wanted: SampleOptions): Promise<void> {
  const [{ candidatesSchema, canonicalJson, readJsonlLenient, sha256Hex }, { promptStyles, questionPrompt }] =
    await Promise.all([import("@mede2/schemas"), import("@mede2/llm")]);
  for await (const result of readJsonlLenient(out, candidatesSchema)) {
    if (!("ok" in result)) return; // a line that was cut off: the sampler repairs the tail, or says what is wrong
    const traces = result.ok.traces;
    const [first] = traces;
    if (first?.sample === undefined || first.sample === null) return;
    const { temperature, topP, maxTokens } = first.sample;
    const prompt = questionPrompt(result.ok.question, promptStyles[wanted.style]);
    if (first.promptHash !== sha256Hex(canonicalJson(prompt)))
      throw new CliError(
        "other-samples",
        `${wanted.out} holds answers to another prompt than that of --style ${wanted.style}`,
        "choose another --out",
      );
    const before = {
      ...{ model: first.by.checkpoint, stage: first.stage ?? undefined, samples: traces.length },
      ...{ temperature, topP, maxTokens, seed: Math.floor((first.sample.seed ?? 0) / 1000) },
    };
    const asked = { ...wanted, model: sampledModel(wanted) };
    const other = (Object.keys(before) as (keyof typeof before)[]).find((key) => before[key] !== asked[key]);
    if (other === undefined) return;
    throw new CliError(
      "other-samples",
      `${wanted.out} holds answers whose ${other} is ${before[other]}, not ${asked[other]}`,
      "choose another --out",
    );
  }
}
