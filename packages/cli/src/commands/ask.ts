import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageRef, Question } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type Context, collect, parse, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { addModelOptions, type ModelOptions, oneOf, styleNames, withModel } from "../local-model.ts";
import { dim } from "../output.ts";

type AskOptions = ModelOptions & {
  readonly image: string[];
  readonly option: string[];
  readonly style: (typeof styleNames)[number];
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
};

export function addAsk(program: Command, context: Context): void {
  addModelOptions(
    addCommand(program, "ask", "put one question to a model", [
      'mede2 ask runs/stage2/checkpoints/final "What does the film show?" --image film.jpeg --option Normal --option Pneumonia',
    ])
      .argument("<model>", "folder of the model")
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
  const [{ openImageStore }, { promptStyles, questionPrompt }, { extractAnswer }] = await Promise.all([
    import("@mede2/images"),
    import("@mede2/llm"),
    import("@mede2/answers"),
  ]);
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
    const work = (chat: import("@mede2/llm").ChatModel) =>
      chat.generate([{ messages, sampling }], { signal: context.io.stop });
    const [reply] = await withModel(model, options, context, work, folder);
    const { text, finish, tokens } = reply!;
    const answer = extractAnswer(text, { options: options.option, finish });
    say(context, options, {
      json: { text, answer, finish, tokens },
      print: (output) => {
        output.line(text);
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
