import { familyName, type ModelConfig } from "@mede2/nn";
import type { EngineName, TrainingPlan } from "@mede2/schemas";
import { lossFindings } from "../emit/engine-losses.ts";
import { scheduleFindings } from "../emit/engine-schedule.ts";
import { engineTemplate } from "../emit/engine-templates.ts";
import { loraModulesOf } from "../emit/lora-targets.ts";
import { EngineError } from "../engine-error.ts";
import type { Finding } from "../finding.ts";
import { engineSettings, processesOf, splitBatch } from "../settings.ts";
import { settingLimits } from "./setting-limits.ts";

type Outside = Exclude<EngineName, "embedded">;

/** The ids that ms-swift takes for granted, whatever config.json says: with others it reads one image token instead of all, without a word. */
const publishedQwenImage = 151_655;

/** What an outside engine cannot honour in a plan, or computes otherwise. Looks at the plan and the model's config alone. */
export function engineLimits(plan: TrainingPlan, engine: Outside, config: ModelConfig): Finding[] {
  const findings: Finding[] = [];
  const error = (code: string, message: string, next: string) =>
    void findings.push({ level: "error", code, message, next });
  const embedded = "train it with the embedded engine";
  let settings: ReturnType<typeof engineSettings>;
  try {
    settings = engineSettings(plan);
  } catch (reason) {
    if (!(reason instanceof EngineError)) throw reason;
    return [{ level: "error", code: reason.code, message: reason.message, next: reason.next }];
  }
  if (plan.kind === "pretrain") error("kind", `${engine} is not given plans of kind pretrain`, embedded);
  if (plan.kind === "preference" && plan.loss.name === "cross-entropy")
    error("loss", "a preference plan cannot have the loss cross-entropy", "use dpo or mpo");
  if (plan.device === "webgpu")
    error("device", `${engine} has no device webgpu`, "set device to cuda or cpu");
  if (plan.optimiser.name !== "adamw")
    error("optimiser", `${engine} is given adamw only, the plan says ${plan.optimiser.name}`, embedded);
  if (plan.ema !== undefined)
    error("ema", `${engine} keeps no average of the weights (ema)`, `leave ema out, or ${embedded}`);
  findings.push(...lossFindings(plan.loss, engine), ...scheduleFindings(plan.schedule));
  if (engine === "trl" && (plan.loss.labelSmoothing ?? 0) > 0 && plan.loss.robust !== true)
    error("loss", "TRL smooths labels in its robust loss only", "set loss.robust, or use ms-swift");
  if (splitBatch(plan) === undefined) {
    const { nodes, perNode } = processesOf(plan);
    const samples = plan.batch.size * plan.batch.accumulation;
    error(
      "batch-split",
      `a batch of ${samples} samples cannot be divided among ${nodes} × ${perNode} processes`,
      "choose batch.size × batch.accumulation as a multiple of them",
    );
  }
  if (engine !== "trl" && engineTemplate(config, engine) === undefined)
    error(
      "template",
      `no chat template of ${engine} is known for a ${familyName(config)} model`,
      "use trl, or the embedded engine",
    );
  if (
    engine === "ms-swift" &&
    familyName(config) === "qwen2_5_vl" &&
    config.tokens.image !== publishedQwenImage
  )
    error(
      "image-token",
      `the model's image token is ${config.tokens.image}; ms-swift takes it to be ${publishedQwenImage} and would read one image token instead of all`,
      "use a model with the published token ids, or another engine",
    );
  if (engine === "ms-swift" && familyName(config) === "internvl")
    findings.push({
      level: "info",
      code: "needs-timm",
      message: "ms-swift asks for the package timm beside an InternVL model",
      next: "pip install timm where it computes",
    });
  findings.push(...settingLimits(plan, engine, settings));
  findings.push(...tunerLimits(plan, engine, config, settings));
  findings.push(...batchLimits(plan, engine, settings));
  return findings;
}

function tunerLimits(
  plan: TrainingPlan,
  engine: Outside,
  config: ModelConfig,
  settings: ReturnType<typeof engineSettings>,
): Finding[] {
  const findings: Finding[] = [];
  const error = (code: string, message: string, next: string) =>
    void findings.push({ level: "error", code, message, next });
  const { lora } = plan;
  if (lora !== undefined) {
    try {
      loraModulesOf(config, lora.targets);
    } catch (reason) {
      const { code, message, next } = reason as EngineError;
      error(code, message, next);
    }
    if (lora.bRate !== undefined && lora.bRate !== 1)
      error(
        "lora",
        `${engine} is not given LoRA+ (lora.bRate)`,
        "leave lora.bRate out, or use the embedded engine",
      );
    if (engine === "llama-factory" && lora.targets.some((target) => /[*.]/.test(target)))
      error(
        "lora-targets",
        "LLaMA-Factory takes last names of layers only (q_proj), no whole names or patterns",
        "name lora.targets so, or use ms-swift",
      );
  }
  if (lora === undefined && plan.adapter !== undefined)
    error(
      "adapter",
      `${engine} is not given a full training that starts from an adapter`,
      "merge the adapter into its model first (mede2 export), or train LoRA",
    );
  if (settings.quantisation !== undefined && plan.device !== "cuda")
    error("quantisation", "NF4 needs the device cuda", "set device to cuda, or leave lora.base out");
  if (settings.quantisation !== undefined && engine !== "ms-swift")
    error("quantisation", `${engine} is not given a quantised base`, "use ms-swift");
  if (settings.quantisation !== undefined && settings.parallelism === "zero3")
    error(
      "quantisation",
      "a quantised base cannot be shared by ZeRO-3",
      "set settings.parallelism to ddp or zero2",
    );
  if (settings.precision === "bfloat16" && plan.device === "cpu")
    findings.push({
      level: "warning",
      code: "precision",
      message: "bfloat16 on a CPU is slow, and the first step's invariants hold to 0.05 only",
    });
  if (engine === "llama-factory" && plan.adapter !== undefined && settings.parallelism === "zero3")
    error(
      "reference",
      "LLaMA-Factory merges the adapter of Stage I to get its reference, which fails under ZeRO-3",
      "use zero2, or export the merged model first",
    );
  if (
    engine === "llama-factory" &&
    plan.kind === "preference" &&
    (plan.loss.nllWeight ?? 0) + (plan.loss.weights?.generation ?? 0) > 0
  )
    findings.push({
      level: "info",
      code: "nll",
      message: "LLaMA-Factory averages the likelihood term over answers, the other engines over tokens",
    });
  if (lora === undefined && engine === "llama-factory" && plan.freeze.some((prefix) => prefix !== "visual."))
    error("freeze", 'LLaMA-Factory freezes "visual." as a whole or nothing', "use ms-swift or trl");
  return findings;
}

function batchLimits(
  plan: TrainingPlan,
  engine: Outside,
  settings: ReturnType<typeof engineSettings>,
): Finding[] {
  const findings: Finding[] = [];
  const { checkpointEvery, evaluateEvery, sampleEvery } = plan.batch;
  if (sampleEvery !== undefined)
    findings.push({
      level: "error",
      code: "sample-every",
      message: `${engine} writes no samples while it trains (batch.sampleEvery)`,
      next: "leave it out, and sample from the checkpoints by mede2 sample",
    });
  if (checkpointEvery === undefined)
    findings.push({
      level: "warning",
      code: "no-checkpoints",
      message: "batch.checkpointEvery is not set: a run that is killed begins again from its start",
    });
  if (
    evaluateEvery !== undefined &&
    !plan.data.some(({ split }) => !/^(train|pretrain|stage\d)$/.test(split))
  )
    findings.push({
      level: "warning",
      code: "nothing-to-evaluate",
      message: "batch.evaluateEvery is set, but no data file is held out",
    });
  const warm = plan.schedule.warmupRatio ?? plan.schedule.warmupSteps ?? 0;
  if (warm > 0)
    findings.push({
      level: "info",
      code: "schedule-offset",
      message: `${engine} counts the schedule from 0: its first step has rate 0, and each step the rate that ours has one step before`,
    });
  if (plan.seed !== 0 && (plan.lora?.dropout ?? 0) > 0)
    findings.push({
      level: "info",
      code: "dropout",
      message: "LoRA dropout is on: the first step's invariants are not checked closely",
    });
  if (settings.parallelism === "zero3" && plan.kind !== "preference")
    findings.push({
      level: "warning",
      code: "zero3",
      message: "ZeRO-3 hangs where ranks see different modalities; keep a stage's data of one kind",
    });
  return findings;
}
