import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ChatMessage, questionPrompt } from "@mede2/llm";
import {
  demonstrationSchema,
  parseJson,
  parseRecord,
  preferencePairSchema,
  readLines,
  type TrainingPlan,
} from "@mede2/schemas";
import type { Context } from "./command.ts";
import { promptStyleName, promptStyleNamed } from "./prompt-style.ts";

export type PlanEstimate = {
  readonly steps: number;
  /** Left out where it was not asked for, and of pretraining: passages have no prompt by which a part could be computed. */
  readonly seconds?: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
};

/** Bytes per parameter in training: weight, gradient and two moments in float32; a checkpoint keeps all but the gradient. */
const trainingBytes = 16;
const checkpointBytes = 12;
/** A training step computes the forward pass once and about twice as much backward (Kaplan et al., arXiv 2001.08361, §2.1). */
const passes = 3;
const probed = 32;

/**
 * Steps from the schedule of a valid plan; memory and disk from the size of the model; time from scoring some of the plan's own records with its own
 * model on this machine, times three passes. A guide, within a factor of two.
 */
export async function estimatePlan(
  plan: TrainingPlan,
  workspace: string,
  timed: boolean,
  context: Context,
): Promise<PlanEstimate> {
  const { requests, records } = await learnt(plan, workspace);
  const { schedule, batch } = plan;
  const perStep = batch.size * batch.accumulation;
  const steps = schedule.steps ?? Math.ceil((schedule.epochs ?? 1) * Math.ceil(records / perStep));
  const parameters = await parametersOf(resolve(workspace, plan.model));
  const kept = (batch.keepCheckpoints ?? Math.ceil(steps / (batch.checkpointEvery ?? steps))) + 1;
  const memory = parameters * (trainingBytes + (plan.kind === "preference" ? 4 : 0));
  return {
    steps,
    ...(timed && requests.length > 0
      ? {
          seconds:
            (await secondsPerRequest(plan, workspace, requests, context)) *
            passes *
            steps *
            perStep *
            (plan.kind === "preference" ? 2 : 1),
        }
      : {}),
    memoryBytes: memory + activations(plan),
    diskBytes: parameters * checkpointBytes * kept,
  };
}

type Request = { readonly messages: ChatMessage[]; readonly completion: string };

/** How many records the plan learns from, and what the first of them ask of a model. */
async function learnt(
  plan: TrainingPlan,
  workspace: string,
): Promise<{ records: number; requests: Request[] }> {
  const { trainSplits } = await import("@mede2/trainer");
  const requests: Request[] = [];
  let records = 0;
  for (const data of plan.data) {
    if (!trainSplits.has(data.split)) continue;
    const file = resolve(workspace, data.path);
    const style = promptStyleNamed(promptStyleName(data, plan))!; // checkPlan has looked
    for await (const { text, line } of readLines(file)) {
      if (text.trim() === "") continue;
      records += 1;
      if (plan.kind === "pretrain" || requests.length >= probed) continue;
      const value = parseJson(text, { file, line });
      const put = (question: Parameters<typeof questionPrompt>[0], completion: string) =>
        requests.push({ messages: questionPrompt(question, style), completion });
      if (plan.kind === "preference") {
        const { question, chosen, rejected } = parseRecord(preferencePairSchema, value, { file, line });
        put(question, chosen.text);
        put(question, rejected.text);
      } else if ((value as { record?: unknown }).record !== "passage") {
        const { question, trace } = parseRecord(demonstrationSchema, value, { file, line });
        put(question, trace.text);
      }
    }
  }
  return { records, requests };
}

/** Bytes of activations of one micro-batch, by 32 KiB a token: measured on models of a few million parameters, too little for large ones. */
const activations = ({ batch }: TrainingPlan): number => batch.size * batch.maxTokens * 32_768;

async function secondsPerRequest(
  plan: TrainingPlan,
  workspace: string,
  requests: readonly Request[],
  { io }: Context,
): Promise<number> {
  const [{ openLocalModel }, { defaultImageStore }] = await Promise.all([
    import("@mede2/trainer"),
    import("@mede2/runs"),
  ]);
  const model = await openLocalModel({
    ...{ model: resolve(workspace, plan.model), threads: plan.threads, batch: plan.batch.size },
    imageStore: join(workspace, defaultImageStore),
  });
  try {
    await model.logProbs(requests.slice(0, 1)); // compiles
    const started = io.clock();
    await model.logProbs(requests);
    return (io.clock() - started) / 1000 / requests.length;
  } finally {
    await model.close();
  }
}

/** Parameters by the bytes of the weight files, in two or four bytes each as config.json says. */
async function parametersOf(folder: string): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as {
    dtype?: string;
    torch_dtype?: string;
  };
  const width = /16$/.test(config.dtype ?? config.torch_dtype ?? "float32") ? 2 : 4;
  const files = (await readdir(folder)).filter((name) => name.endsWith(".safetensors"));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / width;
}
