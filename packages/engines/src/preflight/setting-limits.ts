import type { TrainingPlan } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import type { Finding } from "../finding.ts";
import type { EngineSettings } from "../settings.ts";

/** All that outside engines take from `plan.settings`. */
const known = [
  ...(["precision", "attention", "parallelism", "recompute", "targetModel", "pairWeights"] as const),
  ...(["gpu", "promptStyle", "wholeTurn"] as const),
];

/** Rates of learning that published recipes stay within, by what is trained; outside them a run seldom learns, or falls apart. */
const usualRates = {
  "sft lora": [1e-5, 1e-3],
  "sft full": [1e-6, 1e-4],
  "preference lora": [5e-7, 1e-4],
  "preference full": [5e-8, 5e-6],
} as const;

/** Settings that no outside engine knows, and values that are seldom meant. */
export function settingLimits(
  plan: TrainingPlan,
  engine: EmittedRun["engine"],
  { precision, parallelism }: EngineSettings,
): Finding[] {
  const findings: Finding[] = [];
  const given = plan.settings ?? {};
  for (const name of Object.keys(given))
    if (!(known as readonly string[]).includes(name))
      findings.push({
        level: "error",
        code: "setting",
        message: `${engine} is not given settings.${name}`,
        next: `leave it out; known are ${known.join(", ")}`,
      });
  if (given.wholeTurn === false)
    findings.push({
      level: "error",
      code: "setting",
      message: `${engine} learns the line break after the end token, too; settings.wholeTurn is false`,
      next: "leave it out, or train with the embedded engine",
    });
  if (given.recompute !== undefined && typeof given.recompute !== "boolean")
    findings.push({
      level: "error",
      code: "setting",
      message: `${engine} computes whole layers anew or nothing; settings.recompute is ${JSON.stringify(given.recompute)}`,
      next: "say true or false",
    });
  if (plan.lora === undefined && precision === "bfloat16" && parallelism === "ddp")
    findings.push({
      level: "warning",
      code: "bfloat16-weights",
      message:
        "a full training in bfloat16 without DeepSpeed has no float32 copy of its weights: an update below about 1/256 of a weight is lost",
      next: 'set settings.parallelism to "zero2", which keeps one (on a single GPU, too), or settings.precision to "float32"',
    });
  const rates =
    usualRates[`${plan.kind} ${plan.lora === undefined ? "full" : "lora"}` as keyof typeof usualRates];
  const rate = plan.schedule.learningRate;
  if (rates !== undefined && (rate < rates[0] || rate > rates[1]))
    findings.push({
      level: "warning",
      code: "learning-rate",
      message: `a learning rate of ${rate} is outside ${rates[0]}–${rates[1]}, which published recipes of this kind stay within`,
      next: "look whether it is meant",
    });
  const { beta } = plan.loss;
  if (plan.kind === "preference" && beta !== undefined && (beta < 0.01 || beta > 1))
    findings.push({
      level: "warning",
      code: "beta",
      message: `a beta of ${beta} is outside 0.01–1, which published recipes stay within`,
      next: "look whether it is meant",
    });
  return findings;
}
