import type { Schedule } from "@mede2/schemas";
import type { Finding } from "../finding.ts";

/** A schedule in the words of transformers. */
export type EngineSchedule = {
  readonly type: string;
  readonly warmupSteps: number;
  readonly extra?: Readonly<Record<string, number>>;
};

/**
 * The learning-rate schedule by transformers' names. Its step s has the rate that our step s − 1 has (it counts from 0): with a warm-up its first step has rate 0. Minimum rates go with
 * cosine only.
 */
export function engineSchedule(schedule: Schedule, steps: number): EngineSchedule {
  const { name, minLearningRate = 0 } = schedule;
  const warmupSteps = schedule.warmupSteps ?? Math.ceil((schedule.warmupRatio ?? 0) * steps);
  if (name === "constant")
    return { type: warmupSteps > 0 ? "constant_with_warmup" : "constant", warmupSteps };
  if (name === "cosine" && minLearningRate > 0)
    return { type: "cosine_with_min_lr", warmupSteps, extra: { min_lr: minLearningRate } };
  if (name === "wsd") {
    const decay = schedule.decaySteps ?? Math.ceil((schedule.decayRatio ?? 0) * steps);
    return {
      type: "warmup_stable_decay",
      warmupSteps,
      extra: { num_decay_steps: decay, min_lr_ratio: minLearningRate / schedule.learningRate },
    };
  }
  return { type: name, warmupSteps };
}

export function scheduleFindings({ name, minLearningRate = 0 }: Schedule): Finding[] {
  return name === "linear" && minLearningRate > 0
    ? [
        {
          level: "error",
          code: "schedule",
          message: "engines of the transformers family let a linear schedule fall to 0 only",
          next: "use cosine, or leave schedule.minLearningRate out",
        },
      ]
    : [];
}
