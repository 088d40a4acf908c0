import { llamaFactoryInfo } from "@mede2/preference";
import { plannedObjective } from "@mede2/trainer";
import type { EngineSettings } from "../settings.ts";
import { deviceVariables, type Emission } from "./emission.ts";
import type { EngineParts } from "./emit-run.ts";
import { engineLoss } from "./engine-losses.ts";
import { engineTemplate } from "./engine-templates.ts";
import { transformersArguments } from "./transformers-arguments.ts";

/** The version whose arguments this emitter knows. */
export const llamaFactoryVersion = "0.9.5";

/** Files and command of a run on LLaMA-Factory, with the same rows in the same order. Its configuration is JSON, which it reads as well as YAML. */
export function emitLlamaFactory(emission: Emission, program: string): EngineParts {
  const { paths, settings } = emission;
  const config = `${paths.root}/train.json`;
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    files: [
      { path: "data/dataset_info.json", text: json(datasets(emission)) },
      { path: "train.json", text: json(llamaFactoryArguments(emission)) },
      ...(usesDeepspeed(emission)
        ? [{ path: `${settings.parallelism}.json`, text: json(deepspeedConfig(settings.parallelism)) }]
        : []),
    ],
    command: [program, "train", config],
    resumeCommand: [program, "train", config, "resume_from_checkpoint={checkpoint}"],
    env: {
      PYTHONUNBUFFERED: "1",
      TOKENIZERS_PARALLELISM: "false",
      ...deviceVariables(emission.plan),
      // with one GPU on each of several nodes it would start no torchrun
      ...(emission.processes.nodes * emission.processes.perNode > 1 ? { FORCE_TORCHRUN: "1" } : {}),
    },
    unset: [],
    log: { program: "LLaMA-Factory", path: "output/trainer_log.jsonl" },
    checkpointsDir: "output",
    expected: lossScale(emission),
  };
}

function datasets({ plan, validationRows }: Emission): object {
  const info = (name: string, file: string) =>
    plan.kind === "preference"
      ? llamaFactoryInfo(name, file)
      : {
          [name]: {
            file_name: file,
            formatting: "sharegpt",
            columns: { messages: "messages", images: "images" },
            tags: { role_tag: "role", content_tag: "content", user_tag: "user", assistant_tag: "assistant" },
          },
        };
  return {
    ...info("train", "train.jsonl"),
    ...(validationRows > 0 ? info("validation", "validation.jsonl") : {}),
  };
}

export function llamaFactoryArguments(emission: Emission): Record<string, unknown> {
  const { plan, settings, paths, side, validationRows } = emission;
  return {
    stage: plan.kind === "preference" ? "dpo" : "sft",
    do_train: true,
    model_name_or_path: paths.model,
    template: engineTemplate(side.config, "llama-factory"),
    ...tuner(emission),
    ...preference(emission),
    dataset_dir: `${paths.root}/data`,
    dataset: "train",
    ...(validationRows > 0 ? { eval_dataset: "validation" } : {}),
    disable_shuffling: true,
    overwrite_cache: true,
    preprocessing_num_workers: 1,
    cutoff_len: plan.batch.maxTokens,
    image_max_pixels: plan.pixels.max,
    image_min_pixels: plan.pixels.min,
    flash_attn: settings.attention === "sdpa" ? "sdpa" : "fa2",
    ...transformersArguments(emission),
    disable_gradient_checkpointing: !settings.recompute,
    ...(usesDeepspeed(emission) ? { deepspeed: `${paths.root}/${settings.parallelism}.json` } : {}),
  };
}

function tuner({ plan, paths }: Emission): Record<string, unknown> {
  const frozenTower = plan.lora !== undefined || plan.freeze.includes("visual.");
  const tower = { freeze_vision_tower: frozenTower, freeze_multi_modal_projector: frozenTower };
  if (plan.lora === undefined) return { finetuning_type: "full", ...tower };
  const { lora } = plan;
  return {
    finetuning_type: "lora",
    ...tower,
    // last names: with the tower frozen it looks for them in the decoder only
    lora_target: lora.targets.join(","),
    lora_rank: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    ...(lora.rs === true ? { use_rslora: true } : {}),
    ...(lora.dora === true ? { use_dora: true } : {}),
    // the adapter is merged into the base, which thereby is the reference, and a new one is trained
    ...(paths.adapter === undefined ? {} : { adapter_name_or_path: paths.adapter, create_new_adapter: true }),
  };
}

function preference({ plan }: Emission): Record<string, unknown> {
  if (plan.kind !== "preference") return {};
  const loss = engineLoss(plan.loss)!;
  const mixed = loss.terms.length > 1;
  // it gives the preference term the weight 1: the others are those of the plan by that measure
  const weight = (name: string) =>
    (loss.terms.find((term) => term.name === name)?.weight ?? 0) / loss.terms[0]!.weight;
  return {
    pref_loss: mixed ? "sigmoid" : loss.terms[0]!.name,
    pref_beta: plan.loss.beta ?? 0.1,
    ...(mixed ? { pref_bco_weight: weight("bco_pair"), pref_ftx: weight("sft") } : {}),
    ...(loss.nllWeight === undefined ? {} : { pref_ftx: loss.nllWeight }),
    ...(loss.labelSmoothing === undefined ? {} : { dpo_label_smoothing: loss.labelSmoothing }),
  };
}

/** The mix is the plan's divided by the weight of its preference term, and so is the loss at the start. */
function lossScale({ plan }: Emission): Record<string, number> {
  const first = plan.kind === "preference" ? engineLoss(plan.loss)?.terms[0] : undefined;
  if (first === undefined || first.weight === 1) return {};
  const { atStart = 0, nllWeight } = plannedObjective(plan.loss);
  return { lossAtStart: atStart / first.weight, nllWeight: nllWeight / first.weight };
}

const usesDeepspeed = ({ plan, settings }: Emission): boolean =>
  plan.device !== "cpu" && settings.parallelism !== "ddp";

/** A configuration that takes everything else from the trainer's arguments. */
function deepspeedConfig(parallelism: EngineSettings["parallelism"]): object {
  const stage = Number(parallelism.at(-1));
  return {
    train_batch_size: "auto",
    train_micro_batch_size_per_gpu: "auto",
    gradient_accumulation_steps: "auto",
    gradient_clipping: "auto",
    zero_allow_untested_optimizer: true,
    bf16: { enabled: "auto" },
    zero_optimization: {
      stage,
      overlap_comm: stage > 1,
      contiguous_gradients: true,
      ...(stage === 3 ? { stage3_gather_16bit_weights_on_model_save: true } : {}),
    },
  };
}
