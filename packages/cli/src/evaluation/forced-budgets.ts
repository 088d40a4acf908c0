import type { ScalingPoint } from "@mede2/eval";
import { type Context, pathOf } from "../command.ts";
import { CliError } from "../exit.ts";
import { type ModelOptions, withModel } from "../local-model.ts";
import { askedProtocol, type ForceableInput, forceableItems } from "./forceable-items.ts";

interface ForcedInput extends ForceableInput {
  /** The model that answered, as named on the command line. */
  model: string;
  budgets: readonly number[];
  resamples: number;
  seed: number;
}

/** Lets the model that answered answer again with its thinking cut at each budget: the first answer to each question that has one right option. */
export async function forcedBudgets(
  { model, budgets, resamples, seed, ...input }: ForcedInput,
  options: ModelOptions,
  context: Context,
): Promise<{ points: ScalingPoint[]; n: number }> {
  if (input.images !== "real")
    throw new CliError(
      "usage",
      "answers are forced with the real images only",
      "leave --images or --model out",
    );
  const [evals, { loadTokenizer }] = await Promise.all([import("@mede2/eval"), import("@mede2/nn")]);
  const items = await forceableItems(input);
  const protocol = await askedProtocol(input.folder);
  const tokenizer = await loadTokenizer(pathOf(context, model));
  const progress = context.output.progress("force");
  const forced = await withModel(model, options, context, (_, local) =>
    evals.forcedAnswers(items, {
      ...{ model: local, protocol, budgets, signal: context.io.stop },
      cut: (text, tokens) => {
        const ids = tokenizer.encode(text);
        return ids.length <= tokens ? text : tokenizer.decode(ids.slice(0, tokens));
      },
      onProgress: (done, total) => progress.update(done, total, "answers"),
    }),
  );
  progress.end();
  return { points: evals.forcedPoints(items, forced, { resamples, seed }), n: items.length };
}
