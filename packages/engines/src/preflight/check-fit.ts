import { statfs } from "node:fs/promises";
import type { TrainingPlan } from "@mede2/schemas";
import { planOrder } from "../data/plan-order.ts";
import type { ModelSide } from "../data/row-encoding.ts";
import type { EngineContext } from "../engine.ts";
import { memoryEstimate } from "../estimate/memory.ts";
import { modelSize, trainedParameters } from "../estimate/model-size.ts";
import { gpus, isGpu, trainingSeconds } from "../estimate/time.ts";
import type { Finding } from "../finding.ts";
import { engineSettings, processesOf } from "../settings.ts";
import type { DataFacts } from "./check-data.ts";

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Whether the run fits its machines: memory of the GPUs that the plan declares (settings.gpu), disk here, and how long it will take. */
export async function checkFit(
  plan: TrainingPlan,
  side: ModelSide,
  facts: DataFacts,
  context: EngineContext,
): Promise<Finding[]> {
  if (plan.engine === "embedded" || facts.rows === 0) return [];
  let trained: number;
  try {
    trained = trainedParameters(plan, side.config);
  } catch {
    return []; // unknown layers are told by the limits
  }
  const settings = engineSettings(plan);
  const size = modelSize(side.config);
  const memory = memoryEstimate(plan, settings, size, trained, facts);
  const { gpu } = plan.settings ?? {};
  const findings: Finding[] = [];
  const { steps, order } = planOrder(plan, new Array<number>(facts.rows).fill(1));
  const parts = `weights ${gib(memory.weights + memory.reference)}, training ${gib(memory.training)}, activations ${gib(memory.activations)}, logits ${gib(memory.logits)}`;
  if (plan.device === "cuda" && gpu !== undefined && !isGpu(gpu))
    findings.push({
      level: "error",
      code: "gpu",
      message: `settings.gpu is ${JSON.stringify(gpu)}`,
      next: `say one of ${Object.keys(gpus).join(", ")}`,
    });
  else if (plan.device === "cuda" && isGpu(gpu)) {
    const room = gpus[gpu].gib * 2 ** 30;
    const tight = memory.total > 0.9 * room;
    findings.push({
      level: memory.total > room ? "error" : tight ? "warning" : "info",
      code: "memory",
      message: `about ${gib(memory.total)} on each ${gpu} of ${gpus[gpu].gib} GiB (${parts})`,
      ...(tight
        ? {
            next: "set settings.recompute, halve batch.size and double batch.accumulation, share the model (zero2, zero3), or set lora.base to nf4",
          }
        : {}),
    });
    const tokens = (facts.tokens / facts.rows) * order.length;
    const { nodes, perNode } = processesOf(plan);
    const hours = trainingSeconds(plan, settings, size, tokens, gpu) / 3600;
    findings.push({
      level: "info",
      code: "time",
      message: `${steps} steps, about ${hours < 1 ? `${Math.ceil(hours * 60)} minutes` : `${hours.toFixed(1)} hours`} on ${nodes * perNode} ${gpu}`,
    });
  } else
    findings.push({
      level: "info",
      code: "memory",
      message: `${steps} steps; about ${gib(memory.total)} on each ${plan.device === "cuda" ? "GPU" : "process"} (${parts})${plan.device === "cuda" ? "; say which GPU in settings.gpu to have it checked" : ""}`,
    });
  findings.push(...(await checkDisk(plan, trained, size.parameters, context)));
  return findings;
}

/** Checkpoints hold weights and the optimiser's state; they lie on this disk unless the run goes to another machine. */
async function checkDisk(
  plan: TrainingPlan,
  trained: number,
  parameters: number,
  { workspace, targetDir }: EngineContext,
): Promise<Finding[]> {
  const keep = (plan.batch.keepCheckpoints ?? 2) + 1; // the engine writes the new one before it removes the oldest
  const width = engineSettings(plan).precision === "bfloat16" ? 2 : 4;
  const each = plan.lora === undefined ? parameters * width + trained * 12 : trained * 16;
  const needed = keep * each + (plan.lora === undefined ? parameters * width : 0);
  if (targetDir !== undefined || plan.launcher?.name === "ssh")
    return [
      {
        level: "info",
        code: "disk",
        message: `about ${gib(needed)} of checkpoints, on the machine that computes`,
      },
    ];
  const { bavail, bsize } = await statfs(workspace);
  const free = bavail * bsize;
  return [
    {
      level: needed > free ? "error" : needed > 0.8 * free ? "warning" : "info",
      code: "disk",
      message: `about ${gib(needed)} of checkpoints, ${gib(free)} are free`,
      ...(needed > 0.8 * free
        ? { next: "free disk space, or keep fewer checkpoints (batch.keepCheckpoints)" }
        : {}),
    },
  ];
}
