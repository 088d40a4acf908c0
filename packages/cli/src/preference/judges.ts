import { join } from "node:path";
import type { Judge } from "@mede2/preference";
import type { Command } from "commander";
import { type CommonOptions, type Context, collect, parse, pathOf, workspaceFolder } from "../command.ts";
import { CliError } from "../exit.ts";

export type JudgeOptions = CommonOptions & {
  readonly judge: string[];
  readonly judgeCache?: string;
  readonly judgeTokens?: number;
};

/** Options of the commands that ask judges. */
export function addJudgeOptions(command: Command): Command {
  return command
    .option(
      "--judge <model@url>",
      "a judge behind an OpenAI-compatible server, such as gemma-3-27b@http://127.0.0.1:8000/v1; may be given several times; its key comes from MEDE2_API_KEY",
      collect,
      [],
    )
    .option(
      "--judge-cache <dir>",
      "folder of the judges' replies, so that none is asked twice (default: <out>.judged)",
    )
    .option("--judge-tokens <n>", "most tokens that all judges together may use", parse.positive);
}

/** The judges of the command line, each with a cache, one budget for all, and the pictures of the workspace. */
export async function openJudges(options: JudgeOptions, cacheFolder: string, context: Context) {
  const [
    { cachedModel, createBudget, folderCache, openAiModel },
    { familyOf, judgePromptVersion },
    { openImageStore },
    { defaultImageStore },
  ] = await Promise.all([
    import("@mede2/llm"),
    import("@mede2/preference"),
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  const store = openImageStore(join(workspaceFolder(context, options), defaultImageStore));
  const budget = createBudget(options.judgeTokens === undefined ? {} : { tokens: options.judgeTokens });
  const cache = folderCache(
    options.judgeCache === undefined ? cacheFolder : pathOf(context, options.judgeCache),
  );
  const judges = options.judge.map((named): Judge => {
    const at = named.lastIndexOf("@http");
    if (at <= 0)
      throw new CliError("usage", `--judge ${named} names no model and server`, "write it as MODEL@URL");
    const [model, url] = [named.slice(0, at), named.slice(at + 1)];
    const endpoint = openAiModel({ url, model, env: context.io.env, readImage: store.read, budget });
    return {
      name: model,
      family: familyOf(model),
      model: cachedModel(endpoint, cache, `${url} ${model} judge ${judgePromptVersion}`),
    };
  });
  return { judges, spent: () => budget.spent };
}
