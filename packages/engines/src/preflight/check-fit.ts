import { statfs } from "node:fs/promises";
import type { TrainingPlan } from "@mede2/schemas";
import type { ModelSide } from "../data/row-encoding.ts";
import type { EngineContext } from "../engine.ts";
import type { EngineError } from "../engine-error.ts";
import { type DataFacts, type RunEstimate, runEstimate } from "../estimate/run-estimate.ts";
import { gpus, isGpu } from "../estimate/time.ts";
import type { Finding } from "../finding.ts";
import { processesOf } from "../settings.ts";

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GiB`;

/** Whether the run fits its machines: memory of the GPUs that the plan declares (settings.gpu), disk, and how long it will take. */
export async function checkFit(
  plan: TrainingPlan,
  side: ModelSide,
  facts: DataFacts,
  context: EngineContext,
): Promise<Finding[]> {
  if (plan.engine === "embedded" || facts.rows === 0) return [];
  const { gpu } = plan.settings ?? {};
  if (plan.device === "cuda" && gpu !== undefined && !isGpu(gpu))
    return [
      {
        level: "error",
        code: "gpu",
        message: `settings.gpu is ${JSON.stringify(gpu)}`,
        next: `say one of ${Object.keys(gpus).join(", ")}`,
      },
    ];
  let estimate: RunEstimate;
  try {
    estimate = runEstimate(plan, side, facts);
  } catch (reason) {
    if ((reason as EngineError).code !== undefined) return []; // the limits tell it
    throw reason;
  }
  return [memoryOf(plan, estimate), ...timeOf(plan, estimate), await diskOf(plan, estimate, context)];
}

function memoryOf(plan: TrainingPlan, { memory }: RunEstimate): Finding {
  const parts = `weights ${gib(memory.weights + memory.reference)}, training ${gib(memory.training)}, activations ${gib(memory.activations)}, logits ${gib(memory.logits)}`;
  const { gpu } = plan.settings ?? {};
  if (plan.device !== "cuda" || !isGpu(gpu))
    return {
      level: "info",
      code: "memory",
      message: `about ${gib(memory.total)} on each ${plan.device === "cuda" ? "GPU" : "process"} (${parts})${plan.device === "cuda" ? "; say which GPU in settings.gpu to have it checked" : ""}`,
    };
  const room = gpus[gpu].gib * 2 ** 30;
  const tight = memory.total > 0.9 * room;
  return {
    level: memory.total > room ? "error" : tight ? "warning" : "info",
    code: "memory",
    message: `about ${gib(memory.total)} on each ${gpu} of ${gpus[gpu].gib} GiB (${parts})`,
    ...(tight
      ? {
          next: "set settings.recompute, halve batch.size and double batch.accumulation, share the model (zero2, zero3), or set lora.base to nf4",
        }
      : {}),
  };
}

function timeOf(plan: TrainingPlan, { steps, seconds }: RunEstimate): Finding[] {
  const { nodes, perNode } = processesOf(plan);
  if (seconds === undefined) return [{ level: "info", code: "time", message: `${steps} steps` }];
  const hours = seconds / 3600;
  const long = hours < 1 ? `${Math.ceil(hours * 60)} minutes` : `${hours.toFixed(1)} hours`;
  return [
    {
      level: "info",
      code: "time",
      message: `${steps} steps, about ${long} on ${nodes * perNode} ${String(plan.settings?.gpu)}`,
    },
  ];
}

/** Checkpoints lie on this disk unless the run goes to another machine. */
async function diskOf(
  { launcher }: TrainingPlan,
  { diskBytes }: RunEstimate,
  { workspace, targetDir }: EngineContext,
): Promise<Finding> {
  const needed = `about ${gib(diskBytes)} of checkpoints`;
  if (targetDir !== undefined || launcher?.name === "ssh")
    return { level: "info", code: "disk", message: `${needed}, on the machine that computes` };
  const { bavail, bsize } = await statfs(workspace);
  const free = bavail * bsize;
  return {
    level: diskBytes > free ? "error" : diskBytes > 0.8 * free ? "warning" : "info",
    code: "disk",
    message: `${needed}, ${gib(free)} are free`,
    ...(diskBytes > 0.8 * free
      ? { next: "free disk space, or keep fewer checkpoints (batch.keepCheckpoints)" }
      : {}),
  };
}
