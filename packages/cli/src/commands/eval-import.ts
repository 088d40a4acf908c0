import { join } from "node:path";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";

type ImportOptions = CommonOptions & { readonly out: string; readonly scorer?: string };

export function addEvalImport(group: Command, context: Context): void {
  addCommand(group, "import", "read logs of Inspect (.eval) into a folder that compare and report take", [
    "mede2 eval import logs/2026-01-02T03-04-05-00-00_medqa_abc.eval --out evaluations/gpt-4o",
  ])
    .argument("<logs...>", "logs of one task; several may be the conditions of one evaluation")
    .requiredOption("--out <dir>", "folder of the evaluation")
    .option("--scorer <name>", "whose verdict counts (default: the first of each sample)")
    .action((logs: string[], options: ImportOptions) => importLogs(logs, options, context));
}

async function importLogs(logs: string[], options: ImportOptions, context: Context): Promise<void> {
  const [{ importInspect }, { openImageStore }, { defaultImageStore }] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  const { scorer } = options;
  const done = await importInspect(
    logs.map((log) => pathOf(context, log)),
    {
      out: pathOf(context, options.out),
      store: openImageStore(join(workspaceFolder(context, options), defaultImageStore)),
      signal: context.io.stop,
      ...(scorer === undefined ? {} : { scorer }),
    },
  );
  const refused = Object.entries(done.refusedPictures);
  say(context, options, {
    json: done,
    print: (output) => {
      output.line(`${done.written} answers of ${done.task}`);
      for (const file of [done.records, done.traces, done.questions]) output.line(`  ${file}`);
      for (const [reason, count] of refused) output.line(`${count} pictures not taken: ${reason}`);
    },
  });
}
