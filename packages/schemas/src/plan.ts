import { z } from "zod";
import { canonicalJson, sha256Hex } from "./canonical-json.ts";
import { header, jsonValueSchema, nameSchema, positiveSchema, sha256Schema, splitSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import {
  batchSchema,
  decodingSchema,
  deviceSchema,
  emaSchema,
  engineSchema,
  launcherSchema,
  loraSchema,
  lossSchema,
  optimiserSchema,
  pixelsSchema,
  scheduleSchema,
  taskKinds,
  trainingKinds,
} from "./plan-parts.ts";

export const planKindSchema = z.enum([...trainingKinds, ...taskKinds]);

export const planDataSchema = z.looseObject({ path: nameSchema, sha256: sha256Schema, split: splitSchema });

const common = {
  ...header("plan"),
  /** The name of the recipe that made the plan, or "custom". */
  recipe: nameSchema,
  data: z.array(planDataSchema),
  seed: z.int().min(0),
  threads: positiveSchema,
  launcher: launcherSchema.optional(),
  /** Settings of the kinds that don't train: filters, count, scorer, weights … */
  settings: z.record(nameSchema, jsonValueSchema).optional(),
  /** Folder of a PEFT adapter to start from or to answer with. */
  adapter: nameSchema.optional(),
  /** Folder of the reference policy; without it, the model (with its adapter) as it is at the start. */
  reference: nameSchema.optional(),
};

/** A plan that trains: complete, nothing left to a default. Paths are relative to the workspace or absolute. */
export const trainingPlanSchema = z
  .looseObject({
    ...common,
    kind: z.enum(trainingKinds),
    /** Folder of a Hugging Face checkpoint. */
    model: nameSchema,
    loss: lossSchema,
    optimiser: optimiserSchema,
    ema: emaSchema.optional(),
    schedule: scheduleSchema,
    batch: batchSchema,
    lora: loraSchema.optional(),
    /** Parameters whose name begins with one of these are not trained, such as "visual.". */
    freeze: z.array(nameSchema),
    device: deviceSchema,
    engine: engineSchema,
    /** sha256 of the chat template. */
    templateHash: sha256Schema,
    pixels: pixelsSchema,
    decoding: decodingSchema,
  })
  .superRefine((plan, context) => {
    if (plan.data.length === 0)
      context.addIssue({ code: "custom", path: ["data"], message: "a plan that trains needs data" });
    if (plan.kind !== "preference" && plan.loss.name !== "cross-entropy")
      context.addIssue({
        code: "custom",
        path: ["loss", "name"],
        message: `expected "cross-entropy" in a plan of kind ${plan.kind}`,
      });
  });

/** A plan of a kind that doesn't train; which of the optional parts it needs depends on the kind, and the command checks that. */
export const taskPlanSchema = z.looseObject({
  ...common,
  kind: z.enum(taskKinds),
  model: nameSchema.optional(),
  device: deviceSchema.optional(),
  engine: engineSchema.optional(),
  templateHash: sha256Schema.optional(),
  pixels: pixelsSchema.optional(),
  decoding: decodingSchema.optional(),
  batch: batchSchema.optional(),
});

export const planSchema = z.discriminatedUnion("kind", [trainingPlanSchema, taskPlanSchema]);

export type PlanKind = z.infer<typeof planKindSchema>;
export type PlanData = Known<z.infer<typeof planDataSchema>>;
export type TrainingPlan = Known<z.infer<typeof trainingPlanSchema>>;
export type TaskPlan = Known<z.infer<typeof taskPlanSchema>>;
export type Plan = Known<z.infer<typeof planSchema>>;

/** Narrows a plan to one that trains. */
export function isTrainingPlan(plan: Plan): plan is TrainingPlan {
  return (trainingKinds as readonly string[]).includes(plan.kind);
}

/** sha256 of the plan's canonical JSON: equal plans have equal hashes, whatever the order of their keys. */
export function planHash(plan: Plan): string {
  return sha256Hex(canonicalJson(plan));
}
