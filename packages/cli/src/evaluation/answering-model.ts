import { join } from "node:path";
import type { ChatModel } from "@mede2/llm";
import type { Command } from "commander";
import { type Context, pathOf, workspaceFolder } from "../command.ts";
import { CliError } from "../exit.ts";
import { addModelOptions, type CountingModel, type ModelOptions, withModel } from "../local-model.ts";

export type AnsweringOptions = ModelOptions & {
  readonly served?: string;
  readonly cache?: string;
  readonly probe?: true;
};

/** Options of the commands that a checkpoint or a server answers. */
export function addAnsweringOptions(command: Command): Command {
  return addModelOptions(command)
    .option("--served <name>", "with a server's address for --model: the name of the model that it serves")
    .option("--cache <dir>", "keep replies by the content of what was asked, and ask nothing twice");
}

/**
 * Hands a checkpoint on the disk, or a model behind an OpenAI-compatible server (whose key comes from the environment), to `work`. With a cache, replies are kept by messages, image
 * hashes, sampling, seed and what names the model; failures are not.
 */
export async function withAnsweringModel<T>(
  named: string,
  options: AnsweringOptions,
  context: Context,
  work: (model: CountingModel) => Promise<T>,
  imageStore?: string,
): Promise<T> {
  const { cachedModel, folderCache, openAiModel } = await import("@mede2/llm");
  const kept = (model: ChatModel, identity: string) =>
    options.cache === undefined
      ? model
      : cachedModel(model, folderCache(pathOf(context, options.cache)), identity);
  if (!/^https?:\/\//.test(named))
    return withModel(
      named,
      options,
      context,
      (model) => {
        const identity = [pathOf(context, named), options.adapter ?? ""].join("\n");
        const { written } = model;
        return work({ ...kept(model, identity), name: model.name, written });
      },
      imageStore,
    );
  if (options.served === undefined)
    throw new CliError(
      "usage",
      `${named} is a server's address, which serves a model by name`,
      "name the model with --served",
    );
  const [{ openImageStore }, { defaultImageStore }] = await Promise.all([
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  const store = openImageStore(imageStore ?? join(workspaceFolder(context, options), defaultImageStore));
  const endpoint = openAiModel({
    url: named,
    model: options.served,
    readImage: (image) => store.read(image),
    env: context.io.env,
  });
  const written = { tokens: 0, seconds: 0 };
  const counting: ChatModel = {
    name: options.served,
    async generate(requests, settings) {
      const started = context.io.clock();
      const replies = await endpoint.generate(requests, settings);
      written.seconds += (context.io.clock() - started) / 1000;
      for (const { tokens } of replies) written.tokens += tokens.completion;
      return replies;
    },
  };
  return work({ ...kept(counting, `${named}\n${options.served}`), name: options.served, written });
}

/**
 * What a server really does, written to `file`, before it is asked anything that counts: whether it sees pictures, where its reasoning is, whether it cuts long prompts in silence. Throws a CliError when
 * it does not see what it would be sent: answers without the image would pass for answers to it.
 */
export async function probeServer(
  named: string,
  { served }: AnsweringOptions,
  { io }: Context,
  { file, images }: { file: string; images: boolean },
): Promise<void> {
  const [{ probeEndpoint }, { writeFileAtomic }, { mkdir }, { dirname }] = await Promise.all([
    import("@mede2/llm"),
    import("@mede2/schemas"),
    import("node:fs/promises"),
    import("node:path"),
  ]);
  const report = await probeEndpoint({ url: named, model: served ?? "", env: io.env });
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify({ url: named, served, ...report }, null, 2)}\n`);
  if (images && report.image.sees !== "yes")
    throw new CliError(
      "blind-server",
      `${served} at ${named} does not see pictures (${report.image.sees}: ${JSON.stringify(report.image.answers)})`,
      "serve it with its vision part, or ask with --images none",
    );
}
