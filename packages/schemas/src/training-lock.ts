import { z } from "zod";
import { header, nameSchema, sha256Schema } from "./fields.ts";
import type { Known } from "./known.ts";
import { planHash, type TrainingPlan } from "./plan.ts";
import { decodingSchema, engineSchema, pixelsSchema } from "./plan-parts.ts";

/**
 * How a checkpoint was trained, as far as an evaluation must do the same: the file `training-lock.json` in the folder of a checkpoint. `promptStyles` are those of its data files.
 */
export const trainingLockSchema = z.looseObject({
  ...header("training-lock"),
  planHash: sha256Schema,
  engine: engineSchema,
  /** sha256 of the chat template. */
  templateHash: sha256Schema,
  pixels: pixelsSchema,
  decoding: decodingSchema,
  promptStyles: z.array(nameSchema),
});

export type TrainingLock = Known<z.infer<typeof trainingLockSchema>>;

/** Name of the file in a checkpoint's folder. */
export const trainingLockFile = "training-lock.json";

/** The lock of a plan's checkpoints. */
export function trainingLockOf(plan: TrainingPlan): TrainingLock {
  const styles = plan.data.map(
    (data) => (data as { promptStyle?: unknown }).promptStyle ?? plan.settings?.promptStyle ?? "reason",
  );
  return {
    record: "training-lock",
    v: 1,
    planHash: planHash(plan),
    engine: plan.engine,
    templateHash: plan.templateHash,
    pixels: plan.pixels,
    decoding: plan.decoding,
    promptStyles: [...new Set(styles.map(String))].sort(),
  };
}
