import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ChatMessage, promptStyles, questionPrompt } from "@mede2/llm";
import { demonstrationSchema, preferencePairSchema, readJsonl, type TrainingPlan } from "@mede2/schemas";
import type { Context } from "./command.ts";

export type PlanEstimate = {
  readonly steps: number;
  /** Left out where no part of the data could be computed. */
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
 * Steps from the schedule; memory and disk from the size of the model; time from scoring some of the plan's own records with its own
 * model on this machine, times three passes. A guide, within a factor of two.
 */
export async function estimatePlan(
  plan: TrainingPlan,
  workspace: string,
  timed: boolean,
  context: Context,
): Promise<PlanEstimate> {
  const requests: { messages: ChatMessage[]; completion: string }[] = [];
  let records = 0;
  for (const each of plan.data) {
    const style = styleOf((each as { promptStyle?: string }).promptStyle);
    const path = resolve(workspace, each.path);
    if (plan.kind === "pretrain") continue; // counted by the manifest of the run: passages have no prompt
    for await (const record of readJsonl(
      path,
      plan.kind === "preference" ? preferencePairSchema : demonstrationSchema,
    )) {
      records += 1;
      if (requests.length >= probed) continue;
      const texts = "chosen" in record ? [record.chosen.text, record.rejected.text] : [record.trace.text];
      for (const completion of texts)
        requests.push({ messages: questionPrompt(record.question, style), completion });
    }
  }
  const { schedule, batch } = plan;
  const perStep = batch.size * batch.accumulation;
  const steps = schedule.steps ?? Math.max(1, Math.ceil(((schedule.epochs ?? 1) * records) / perStep));
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

/** Two megabytes a token of a micro-batch is more than small models need and about what a 7B with recomputation does. */
const activations = ({ batch }: TrainingPlan): number => batch.size * batch.maxTokens * 32_768;

function styleOf(name = "reason") {
  return promptStyles[name as keyof typeof promptStyles] ?? promptStyles.reason;
}

async function secondsPerRequest(
  plan: TrainingPlan,
  workspace: string,
  requests: readonly { messages: ChatMessage[]; completion: string }[],
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
