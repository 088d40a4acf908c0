import { nameInFile } from "@mede2/nn";
import type { Emission } from "./emission.ts";
import { engineLoss } from "./engine-losses.ts";
import { engineSchedule } from "./engine-schedule.ts";
import { engineTemplate } from "./engine-templates.ts";
import { loraTargetRegex } from "./lora-targets.ts";
import type { YamlValue } from "./yaml.ts";

/** A number as ms-swift's parser reads it, without an exponent's plus or a locale. */
const number = (value: number) => String(value);
const flag = (value: boolean) => (value ? "true" : "false");

/**
 * The arguments of `swift sft` or `swift rlhf` (ms-swift 4.5.2) for a plan. Rows are read in the order of the file (no shuffling), so the plan's order holds. Nothing is left to
 * a default that would change what is trained.
 */
export function swiftArguments(emission: Emission): Record<string, YamlValue> {
  const { plan, settings, paths, side, batch, steps, validationRows } = emission;
  const schedule = engineSchedule(plan.schedule, steps);
  const { optimiser } = plan;
  const [beta1, beta2] = optimiser.betas as [number, number];
  const every = plan.batch.checkpointEvery ?? steps;
  const hub = !paths.model.startsWith("/");
  return {
    model: paths.model,
    template: engineTemplate(side.config, "ms-swift") ?? "",
    ...(hub ? { use_hf: "true" } : {}),
    check_model: "false",
    ...tuner(emission),
    ...preference(emission),
    torch_dtype: settings.precision,
    attn_impl: settings.attention,
    ...(plan.device === "cpu" ? { use_cpu: "true" } : {}),
    ...deepspeed(emission),
    dataset: [paths.train],
    ...(paths.validation === undefined ? { split_dataset_ratio: "0" } : { val_dataset: [paths.validation] }),
    dataset_shuffle: "false",
    train_dataloader_shuffle: "false",
    strict: "true",
    load_from_cache_file: "false",
    lazy_tokenize: "true",
    dataset_num_proc: "1",
    dataloader_num_workers: plan.device === "cpu" ? "0" : "4",
    max_length: number(plan.batch.maxTokens),
    truncation_strategy: "delete", // of nothing: the preflight has counted
    add_non_thinking_prefix: "false",
    loss_scale: "default",
    num_train_epochs: "1",
    max_steps: number(steps),
    per_device_train_batch_size: number(batch.perDevice),
    per_device_eval_batch_size: number(batch.perDevice),
    gradient_accumulation_steps: number(batch.accumulation),
    optim: "adamw_torch",
    learning_rate: number(plan.schedule.learningRate),
    lr_scheduler_type: schedule.type,
    warmup_steps: number(schedule.warmupSteps),
    ...(schedule.extra === undefined ? {} : { lr_scheduler_kwargs: JSON.stringify(schedule.extra) }),
    adam_beta1: number(beta1),
    adam_beta2: number(beta2),
    adam_epsilon: number(optimiser.epsilon),
    weight_decay: number(optimiser.weightDecay),
    max_grad_norm: number(optimiser.clipNorm),
    gradient_checkpointing: flag(settings.recompute),
    logging_steps: "1",
    logging_first_step: "true",
    ...(validationRows > 0
      ? { eval_strategy: "steps", eval_steps: number(plan.batch.evaluateEvery ?? steps) }
      : { eval_strategy: "no" }),
    save_strategy: "steps",
    save_steps: number(every),
    save_total_limit: number(plan.batch.keepCheckpoints ?? 2),
    enable_jit_checkpoint: "true",
    report_to: ["none"],
    seed: number(plan.seed),
    data_seed: number(plan.seed),
    output_dir: paths.output,
    add_version: "false",
    create_checkpoint_symlink: "false",
  };
}

function tuner({ plan, settings, paths, side }: Emission): Record<string, YamlValue> {
  const frozenTower = plan.lora !== undefined || plan.freeze.includes("visual.");
  const tower = { freeze_vit: flag(frozenTower), freeze_aligner: flag(frozenTower) };
  if (plan.lora === undefined) {
    const others = plan.freeze.filter((prefix) => prefix !== "visual.");
    return {
      tuner_type: "full",
      ...tower,
      freeze_llm: "false",
      ...(others.length === 0
        ? {}
        : { freeze_parameters: others.map((prefix) => nameInFile(prefix, side.config, "v5")) }),
    };
  }
  const { lora } = plan;
  return {
    tuner_type: "lora",
    ...tower,
    target_regex: loraTargetRegex(side.config, lora.targets),
    lora_rank: number(lora.rank),
    lora_alpha: number(lora.alpha),
    lora_dropout: number(lora.dropout),
    ...(lora.rs === true ? { use_rslora: "true" } : {}),
    ...(lora.dora === true ? { use_dora: "true" } : {}),
    ...(paths.adapter === undefined ? {} : { adapters: [paths.adapter] }),
    ...(settings.quantisation === undefined
      ? {}
      : {
          quant_method: "bnb",
          quant_bits: "4",
          bnb_4bit_quant_type: settings.quantisation,
          bnb_4bit_compute_dtype: settings.precision,
          bnb_4bit_use_double_quant: "true",
        }),
  };
}

/** The reference of a preference plan is the adapter that it starts from: without `ref_adapters` ms-swift takes the base, and says nothing. */
function preference({ plan, paths }: Emission): Record<string, YamlValue> {
  if (plan.kind !== "preference") return {};
  const loss = engineLoss(plan.loss)!;
  return {
    rlhf_type: "dpo",
    ...(paths.adapter === undefined ? {} : { ref_adapters: [paths.adapter] }),
    beta: number(plan.loss.beta ?? 0.1),
    loss_type: loss.terms.map(({ name }) => name),
    ...(loss.terms.length > 1 ? { loss_weights: loss.terms.map(({ weight }) => number(weight)) } : {}),
    ...(loss.labelSmoothing === undefined ? {} : { label_smoothing: number(loss.labelSmoothing) }),
    ...(loss.nllWeight === undefined ? {} : { rpo_alpha: number(loss.nllWeight) }),
  };
}

function deepspeed({ plan, settings }: Emission): Record<string, YamlValue> {
  return plan.device === "cpu" || settings.parallelism === "ddp" ? {} : { deepspeed: settings.parallelism };
}
