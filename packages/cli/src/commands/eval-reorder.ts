import type { OrderKept } from "@mede2/eval";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, pathOf, say } from "../command.ts";

type ReorderOptions = CommonOptions & { readonly out: string; readonly seed: number };

export function addEvalReorder(group: Command, context: Context): void {
  addCommand(
    group,
    "reorder",
    "write questions with their options in another order: does an answer hang on the place of its option?",
    [
      "mede2 eval reorder medqa.questions.jsonl --seed 1 --out reordered.questions.jsonl",
      "mede2 compare evaluations/as-published evaluations/reordered",
    ],
  )
    .argument("<file>", "questions, *.questions.jsonl")
    .requiredOption("--out <file>", "where to write them")
    .option("--seed <n>", "seed of the orders", parse.count, 0)
    .action((file: string, options: ReorderOptions) => reorder(file, options, context));
}

async function reorder(named: string, options: ReorderOptions, context: Context): Promise<void> {
  const [{ reorderOptions }, { questionSchema, readJsonl, writeJsonlAtomic }] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/schemas"),
  ]);
  const kept: Partial<Record<OrderKept, number>> = {};
  let written = 0;
  async function* reordered() {
    for await (const question of readJsonl(pathOf(context, named), questionSchema)) {
      context.io.stop.throwIfAborted();
      const result = reorderOptions(question, options.seed);
      if (result.kept !== undefined) kept[result.kept] = (kept[result.kept] ?? 0) + 1;
      written += 1;
      yield result.question;
    }
  }
  await writeJsonlAtomic(pathOf(context, options.out), reordered(), { schema: questionSchema });
  const still = Object.values(kept).reduce((sum, count) => sum + count, 0);
  say(context, options, {
    json: { written, reordered: written - still, kept },
    print: (output) => {
      output.line(`${written} questions, ${written - still} with their options in another order`);
      for (const [why, count] of Object.entries(kept)) output.line(`${count} as they were: ${why}`);
    },
  });
}
