import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ForcedItem, Protocol, ScalingPoint } from "@mede2/eval";
import type { ImageCondition, Question } from "@mede2/schemas";
import { type Context, pathOf } from "../command.ts";
import { CliError } from "../exit.ts";
import { type ModelOptions, withModel } from "../local-model.ts";

interface ForcedInput {
  /** Folder of the evaluation, and its records. */
  folder: string;
  records: string;
  /** The model that answered, as named on the command line. */
  model: string;
  questions: ReadonlyMap<string, Question>;
  budgets: readonly number[];
  limit?: number;
  images: ImageCondition;
  resamples: number;
  seed: number;
}

/** Lets the model that answered answer again with its thinking cut at each budget: the first answer to each question that has one right option. */
export async function forcedBudgets(
  { folder, records, model, questions, budgets, limit, images, resamples, seed }: ForcedInput,
  options: ModelOptions,
  context: Context,
): Promise<{ points: ScalingPoint[]; n: number }> {
  if (images !== "real")
    throw new CliError(
      "usage",
      "answers are forced with the real images only",
      "leave --images or --model out",
    );
  const [evals, schemas, { loadTokenizer }] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/schemas"),
    import("@mede2/nn"),
  ]);
  const { evaluationRecordSchema, readJsonl, traceSchema } = schemas;
  const items = new Map<string, ForcedItem>();
  for await (const record of readJsonl(records, evaluationRecordSchema)) {
    const question = questions.get(record.questionId);
    const score = evals.scoreOf(record);
    if (record.images !== images || record.sample !== 0 || score === null) continue;
    if (
      question === undefined ||
      !evals.isForceable(question) ||
      items.size >= (limit ?? Number.POSITIVE_INFINITY)
    )
      continue;
    items.set(record.traceId, { question, score, cluster: evals.clusterOf(record, "auto") } as ForcedItem);
  }
  for await (const trace of readJsonl(join(folder, "answers.trace.jsonl"), traceSchema)) {
    const item = items.get(trace.id);
    if (item !== undefined) item.trace = trace;
  }
  const whole = [...items.values()].filter(({ trace }) => trace !== undefined);
  if (whole.length === 0)
    throw new CliError(
      "no-data",
      "no answer can be forced",
      "give questions with one right option, with --data",
    );
  const protocol = await protocolOf(folder);
  const tokenizer = await loadTokenizer(pathOf(context, model));
  const progress = context.output.progress("force");
  const forced = await withModel(model, options, context, (_, local) =>
    evals.forcedAnswers(whole, {
      ...{ model: local, protocol, budgets, signal: context.io.stop },
      cut: (text, tokens) => {
        const ids = tokenizer.encode(text);
        return ids.length <= tokens ? text : tokenizer.decode(ids.slice(0, tokens));
      },
      onProgress: (done, total) => progress.update(done, total, "answers"),
    }),
  );
  progress.end();
  return { points: evals.forcedPoints(whole, forced, { resamples, seed }), n: whole.length };
}

/** How the evaluation asked, from its own settings. */
async function protocolOf(folder: string): Promise<Protocol> {
  const { styleProtocol } = await import("@mede2/eval");
  const settings = JSON.parse(await readFile(join(folder, "evaluation.json"), "utf8")) as {
    style?: Parameters<typeof styleProtocol>[0];
    protocol?: Protocol;
  };
  if (settings.protocol !== undefined) return settings.protocol;
  if (settings.style !== undefined) return styleProtocol(settings.style);
  throw new CliError(
    "no-evaluation",
    `${folder}/evaluation.json does not say how it asked`,
    "run mede2 eval run anew",
  );
}
