import { join, resolve } from "node:path";
import type { TaskPlan } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";
import { CliError } from "../exit.ts";
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";

type CurateOptions = CommonOptions & { readonly out: string };

/** `mede2 data curate`, into the group `data`. */
export function addDataCurate(data: Command, context: Context): void {
  addCommand(
    data,
    "curate",
    "pick exactly as many cases as a plan says, by filters, stability, need of the image and balance",
    ["mede2 data curate stage2.plan.json --out stage2.questions.jsonl"],
  )
    .argument(
      "<plan>",
      "a plan of kind curate; what it leaves out is completed, and written beside the result",
    )
    .requiredOption(
      "--out <file>",
      "file to write, *.questions.jsonl; its card and the complete plan go beside it",
    )
    .action((plan: string, options: CurateOptions) => curateData(plan, options, context));
}

async function curateData(file: string, options: CurateOptions, context: Context): Promise<void> {
  const [{ curate, readCuratePlan }, { defaultImageStore }] = await Promise.all([
    import("@mede2/data"),
    import("@mede2/runs"),
  ]);
  const workspace = workspaceFolder(context, options);
  const out = pathOf(context, options.out);
  if (!out.endsWith(".questions.jsonl"))
    throw new CliError(
      "usage",
      `${options.out} is no name for questions`,
      "let it end with .questions.jsonl",
    );
  const inWorkspace = (path: string): string => resolve(workspace, path);
  const plan = await readCuratePlan(pathOf(context, file), inWorkspace);
  const tokens = await tokenMeasure(plan, inWorkspace);
  const { stop } = context.io;
  const progress = context.output.progress("curate");
  context.resumeHint = "nothing was written; run the same command again";
  const { kept, dropped, card, sha256 } = await curate({
    ...{ plan, out, resolve: inWorkspace, store: join(workspace, defaultImageStore) },
    ...(tokens === undefined ? {} : { tokens }),
    progress: (done, pass) => {
      stop.throwIfAborted();
      progress.update(done, undefined, `questions ${pass}`);
    },
  });
  progress.clear();
  say(context, options, {
    json: { kept, dropped, card, file: out, sha256 },
    print: (output) =>
      printFields(output, [
        ["kept", `${kept} questions in ${options.out}`],
        ["dropped", countsText(dropped)],
        ["card", card.replace(/\.json$/, ".md")],
      ]),
  });
}

/** Lengths in tokens of the plan's model, where the plan asks for them. */
async function tokenMeasure(plan: TaskPlan, inWorkspace: (path: string) => string) {
  const { filters } = (plan.settings ?? {}) as { filters?: { unit?: string }[] };
  if (plan.model === undefined || !filters?.some(({ unit }) => unit === "tokens")) return undefined;
  const { loadProcessor } = await import("@mede2/nn");
  const { tokenizer } = await loadProcessor(inWorkspace(plan.model));
  return { unit: `tokens of ${plan.model}`, measure: (text: string) => tokenizer.encode(text).length };
}
