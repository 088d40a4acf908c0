import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ChatModel } from "@mede2/llm";
import type { ImageCondition } from "@mede2/schemas";
import type { LocalModel } from "@mede2/trainer";
import { type Command, InvalidArgumentError } from "commander";
import { type CommonOptions, type Context, parse, pathOf, workspaceFolder } from "./command.ts";
import { CliError } from "./exit.ts";

export type ModelOptions = CommonOptions & {
  readonly adapter?: string;
  readonly threads: number;
  readonly batch: number;
};

/** Options of the commands that answer with a model. */
export function addModelOptions(command: Command): Command {
  return command
    .option("--adapter <dir>", "PEFT folder to merge into the model")
    .option("--threads <n>", "threads", parse.positive, Math.min(8, availableParallelism()))
    .option("--batch <n>", "prompts that run together", parse.positive, 32);
}

export type CountingModel = ChatModel & {
  /** Tokens that it wrote, and the time that it took. */
  readonly written: { tokens: number; seconds: number };
};

/** Hands a checkpoint on the disk to `work`, named as it was named on the command line, and closes it. */
export async function withModel<T>(
  named: string,
  options: ModelOptions,
  context: Context,
  work: (model: CountingModel, local: LocalModel) => Promise<T>,
  imageStore?: string,
): Promise<T> {
  if (/^https?:\/\//.test(named))
    throw new CliError(
      "endpoint",
      "this version answers with model folders only, not with endpoints",
      "name a folder",
    );
  const folder = pathOf(context, named);
  for (const path of [folder, ...(options.adapter === undefined ? [] : [pathOf(context, options.adapter)])])
    if (!existsSync(join(path, path === folder ? "config.json" : "adapter_config.json")))
      throw new CliError(
        "no-model",
        `${path === folder ? named : options.adapter} is no folder of ${path === folder ? "a model: it has no config.json" : "an adapter: it has no adapter_config.json"}`,
        "check the path",
      );
  const [{ openLocalModel }, { defaultImageStore }] = await Promise.all([
    import("@mede2/trainer"),
    import("@mede2/runs"),
  ]);
  const { threads, batch, adapter } = options;
  const local = await openLocalModel({
    ...{ model: folder, threads, batch },
    ...(adapter === undefined ? {} : { adapter: pathOf(context, adapter) }),
    imageStore: imageStore ?? join(workspaceFolder(context, options), defaultImageStore),
  });
  try {
    return await work(counting(local, named, context), local);
  } finally {
    await local.close();
  }
}

function counting(model: ChatModel, name: string, { io }: Context): CountingModel {
  const written = { tokens: 0, seconds: 0 };
  return {
    name,
    written,
    async generate(requests, options) {
      const started = io.clock();
      const replies = await model.generate(requests, options);
      written.seconds += (io.clock() - started) / 1000;
      for (const { tokens } of replies) written.tokens += tokens.completion;
      return replies;
    },
  };
}

/** Parses one of a few names. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(`Expected one of ${names.join(", ")}.`);
    return found;
  };
}

/** How records name the model that answered: an adapter makes another model of the same folder. */
export const checkpointName = (model: string, { adapter }: ModelOptions): string =>
  adapter === undefined ? model : `${model} + ${adapter}`;

/** Names for help and parsing, written out because help loads no package; `local-model.test` keeps them equal to those of `llm` and `schemas`. */
export const styleNames = ["reason", "direct", "plain", "reason-labels", "direct-labels"] as const;
export const stageNames = ["base", "stage0", "stage1", "stage2"] as const;
export const conditionNames = [
  ...([
    "real",
    "none",
    "blank",
    "swapped",
    "noise",
    "options-only",
  ] as const satisfies readonly ImageCondition[]),
];
