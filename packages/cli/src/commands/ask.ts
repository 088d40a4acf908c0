import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageRef, Question } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type Context, collect, parse, pathOf, say } from "../command.ts";
import {
  type AnsweringOptions,
  addAnsweringOptions,
  withAnsweringModel,
} from "../evaluation/answering-model.ts";
import { CliError, exitCodes } from "../exit.ts";
import { oneOf, styleNames } from "../local-model.ts";
import { dim } from "../output.ts";
import { openTextStream } from "../text-stream.ts";

type AskOptions = AnsweringOptions & {
  readonly image: string[];
  readonly option: string[];
  readonly style: (typeof styleNames)[number];
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
};

export function addAsk(program: Command, context: Context): void {
  addAnsweringOptions(
    addCommand(program, "ask", "put one question to a model, and read its reasoning as it comes", [
      'mede2 ask runs/stage2/checkpoints/final "What does the film show?" --image film.jpeg --option Normal --option Pneumonia',
      'mede2 ask http://localhost:8000/v1 --served qwen "What does the film show?" --image film.jpeg',
    ])
      .argument("<model>", "folder of the model, or a server (https://host/v1)")
      .argument("<question>", "the question; <image> in it is where an image stands")
      .option("--image <file>", "an image; may be given several times", collect, [])
      .option("--option <text>", "an option to choose from; may be given several times", collect, [])
      .option("--style <name>", `prompt: ${styleNames.join(", ")}`, oneOf(styleNames), "reason")
      .option("--temperature <x>", "0 takes the likeliest token", parse.atLeastZero, 0)
      .option("--top-p <x>", "share of the probability to draw from", parse.share, 1)
      .option("--max-tokens <n>", "longest answer", parse.positive, 512)
      .option("--seed <n>", "seed of the draws", parse.count, 0),
  ).action((model: string, question: string, options: AskOptions) => ask(model, question, options, context));
}

async function ask(model: string, stem: string, options: AskOptions, context: Context): Promise<void> {
  if (stem.trim() === "") throw new CliError("usage", "the question is empty", "write it in quotes");
  if (options.option.length === 1)
    throw new CliError("usage", "one option leaves no choice", "give two or more, or none");
  const [{ openImageStore }, { promptStyles, questionPrompt, replyText }, { extractAnswer }] =
    await Promise.all([import("@mede2/images"), import("@mede2/llm"), import("@mede2/answers")]);
  const folder = await mkdtemp(join(tmpdir(), "mede2-ask-"));
  try {
    const store = openImageStore(folder);
    const images: ImageRef[] = [];
    for (const file of options.image) images.push(await store.put(await readFile(pathOf(context, file))));
    const question: Question = {
      ...{ record: "question", v: 1, id: "ask:1", source: "ask", revision: "1", split: "test", stem },
      ...{ options: options.option, gold: { text: "unknown", aliases: [] }, images, group: {} },
      ...{ tags: { language: "en" }, licence: "unknown" },
    };
    const { temperature, topP, maxTokens, seed } = options;
    const messages = questionPrompt(question, promptStyles[options.style]);
    const sampling = { temperature, topP, maxTokens, seed };
    context.output.note(dim("For research only: not a medical device, no advice about patients."));
    const stream = options.json === true ? undefined : openTextStream(context.io.stdout);
    const work = (chat: import("@mede2/llm").ChatModel) =>
      chat.generate([{ messages, sampling }], {
        signal: context.io.stop,
        ...(stream === undefined ? {} : { onText: (_: number, sofar: string) => stream.show(sofar) }),
      });
    const [reply] = await withAnsweringModel(model, options, context, work, folder).catch((error) => {
      stream?.pause();
      throw error;
    });
    const { finish, tokens, error } = reply!;
    if (finish === "error")
      throw new CliError(
        error?.code ?? "no-reply",
        `${model} gave no answer: ${error?.message ?? "no reason was given"}`,
        "ask again, or look at the server",
        exitCodes.failed,
      );
    const text = replyText(reply!);
    const answer = extractAnswer(text, { options: options.option, finish });
    stream?.end(text);
    say(context, options, {
      json: { text, answer, finish, tokens },
      print: (output) => {
        const named = answer.labels?.map((label) => options.option[label.charCodeAt(0) - 65] ?? label);
        output.line(
          dim(
            `answer: ${answer.status === "found" ? (named ?? [answer.text ?? ""]).join(", ") : answer.status} · ${tokens.completion} tokens · ${finish}`,
          ),
        );
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
