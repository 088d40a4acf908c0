import type { Emission } from "./emission.ts";
import { engineSchedule } from "./engine-schedule.ts";

/** The arguments of transformers' trainer that TRL and LLaMA-Factory share, by its own names. */
export function transformersArguments({
  plan,
  settings,
  paths,
  batch,
  steps,
  validationRows,
}: Emission): Record<string, unknown> {
  const schedule = engineSchedule(plan.schedule, steps);
  const [beta1, beta2] = plan.optimiser.betas as [number, number];
  return {
    output_dir: paths.output,
    max_steps: steps,
    per_device_train_batch_size: batch.perDevice,
    per_device_eval_batch_size: batch.perDevice,
    gradient_accumulation_steps: batch.accumulation,
    optim: "adamw_torch",
    learning_rate: plan.schedule.learningRate,
    lr_scheduler_type: schedule.type,
    warmup_steps: schedule.warmupSteps,
    ...(schedule.extra === undefined ? {} : { lr_scheduler_kwargs: schedule.extra }),
    adam_beta1: beta1,
    adam_beta2: beta2,
    adam_epsilon: plan.optimiser.epsilon,
    weight_decay: plan.optimiser.weightDecay,
    max_grad_norm: plan.optimiser.clipNorm,
    bf16: settings.precision === "bfloat16",
    use_cpu: plan.device === "cpu",
    logging_steps: 1,
    logging_first_step: true,
    logging_nan_inf_filter: false, // it would hide a loss that is not finite
    ...(validationRows > 0
      ? { eval_strategy: "steps", eval_steps: plan.batch.evaluateEvery ?? steps }
      : { eval_strategy: "no" }),
    save_strategy: "steps",
    save_steps: plan.batch.checkpointEvery ?? steps,
    save_total_limit: plan.batch.keepCheckpoints ?? 2,
    report_to: "none",
    seed: plan.seed,
    data_seed: plan.seed,
  };
}
