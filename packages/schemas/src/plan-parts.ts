import { z } from "zod";
import { fractionSchema, nameSchema, positiveSchema, temperatureSchema, topPSchema } from "./fields.ts";
import type { Known } from "./known.ts";

export const trainingKinds = ["pretrain", "sft", "preference"] as const;
export const taskKinds = ["curate", "demonstrate", "sample", "score", "pair", "evaluate"] as const;
export const lossNames = [
  ...(["cross-entropy", "dpo", "ipo", "simpo", "orpo", "kto", "mpo", "bco-pair"] as const),
  ...(["hinge", "apo-zero", "dpop", "bco"] as const),
] as const;

/** Losses of answers that are judged one by one, on records "rated-answer". */
export const answerLosses = ["kto", "bco"] as const;

/** `weights` are those of a mix by the name of its terms, or of the desirable and undesirable answers of kto and bco; `beta`, `gamma` and `labelSmoothing` as in the papers of each loss. */
export const lossSchema = z.looseObject({
  name: z.enum(lossNames),
  beta: z.number().gt(0).optional(),
  gamma: z.number().min(0).optional(),
  /** Weight of the negative log-likelihood of the chosen answer, added to the loss. */
  nllWeight: z.number().min(0).optional(),
  labelSmoothing: z.number().min(0).lt(0.5).optional(),
  /** Unbiased under flipped labels instead of conservative: what `labelSmoothing` means to dpo. */
  robust: z.boolean().optional(),
  /** Log-ratios per token of the answer. */
  normalised: z.boolean().optional(),
  /** Weight of what a chosen answer lost against the reference (dpop). */
  penalty: z.number().min(0).optional(),
  /** Beta at the last step; it goes there from `beta` along a line or half a cosine. */
  betaEnd: z.number().gt(0).optional(),
  betaSchedule: z.enum(["linear", "cosine"]).optional(),
  weights: z.record(nameSchema, z.number().min(0)).optional(),
});

/**
 * `muon` takes `momentum` for the matrices of layers; what is no such matrix is trained by AdamW with the rest of the settings. `adamw-8bit` keeps the moments of AdamW in dynamic
 * eight-bit codes (arXiv 2110.02861). `adafactor` (arXiv 1804.04235) keeps sums over rows and columns and no first moment: its betas are 0, its `epsilon` is added to squares.
 */
export const optimiserSchema = z.looseObject({
  name: z.enum(["adamw", "adamw-8bit", "muon", "adafactor"]),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]),
  epsilon: z.number().gt(0),
  weightDecay: z.number().min(0),
  /** Largest global L2 norm of the gradient; larger gradients are scaled down to it. */
  clipNorm: z.number().gt(0),
  momentum: z.number().min(0).lt(1).optional(),
  /** Of adafactor: c of β₂ = 1 − step⁻ᶜ (0.8). */
  decay: z.number().gt(0).optional(),
  /** Of adafactor: largest root mean square of an update (1). */
  updateClip: z.number().gt(0).optional(),
  /** Of adafactor: multiply the learning rate with the root mean square of each parameter. */
  scaleParameter: z.boolean().optional(),
});

/** An exponential moving average of the trained weights, written beside them in every checkpoint. */
export const emaSchema = z.looseObject({ decay: z.number().gt(0).lt(1) });

export const scheduleSchema = z
  .looseObject({
    name: z.enum(["constant", "cosine", "linear", "wsd"]),
    learningRate: z.number().gt(0),
    minLearningRate: z.number().min(0).optional(),
    warmupRatio: fractionSchema.optional(),
    warmupSteps: z.int().min(0).optional(),
    /** Share of the steps, or their number, over which `wsd` falls at the end. */
    decayRatio: fractionSchema.optional(),
    decaySteps: positiveSchema.optional(),
    epochs: z.number().gt(0).optional(),
    steps: positiveSchema.optional(),
  })
  .superRefine((schedule, context) => {
    if ((schedule.epochs === undefined) === (schedule.steps === undefined))
      context.addIssue({
        code: "custom",
        path: ["steps"],
        message: "a schedule needs either epochs or steps, not both",
      });
    if (schedule.warmupRatio !== undefined && schedule.warmupSteps !== undefined)
      context.addIssue({
        code: "custom",
        path: ["warmupSteps"],
        message: "a schedule takes warmupRatio or warmupSteps, not both",
      });
    const decays = [schedule.decayRatio, schedule.decaySteps].filter((each) => each !== undefined).length;
    if (decays !== (schedule.name === "wsd" ? 1 : 0))
      context.addIssue({
        code: "custom",
        path: ["decaySteps"],
        message: "a wsd schedule takes decayRatio or decaySteps, and no other does",
      });
    if (schedule.minLearningRate !== undefined && schedule.minLearningRate > schedule.learningRate)
      context.addIssue({
        code: "custom",
        path: ["minLearningRate"],
        message: `expected at most the learning rate of ${schedule.learningRate}`,
      });
  });

/** Counts are samples, `maxTokens` is the longest sequence, the `…Every` are optimiser steps. */
export const batchSchema = z.looseObject({
  size: positiveSchema,
  accumulation: positiveSchema,
  maxTokens: positiveSchema,
  evaluateEvery: positiveSchema.optional(),
  checkpointEvery: positiveSchema.optional(),
  sampleEvery: positiveSchema.optional(),
  keepCheckpoints: positiveSchema.optional(),
});

/**
 * `rs` scales by alpha ÷ √rank instead of alpha ÷ rank (rsLoRA, arXiv 2312.03732), `dora` trains the lengths of the adapted rows too (DoRA, arXiv 2402.09353),
 * `bRate` times the learning rate holds for the factors B (LoRA+, arXiv 2402.12354), `base` "nf4" keeps the frozen weights of the decoder's layers in four bits
 * with scales of eight (QLoRA, arXiv 2305.14314).
 */
export const loraSchema = z.looseObject({
  rank: positiveSchema,
  alpha: z.number().gt(0),
  targets: z.array(nameSchema).min(1),
  dropout: z.number().min(0).lt(1),
  rs: z.boolean().optional(),
  dora: z.boolean().optional(),
  bRate: z.number().gt(0).optional(),
  base: z.enum(["float32", "nf4"]).optional(),
});

/** Smallest and largest number of pixels of an image after resizing. */
export const pixelsSchema = z
  .looseObject({ min: positiveSchema, max: positiveSchema })
  .superRefine((pixels, context) => {
    if (pixels.max < pixels.min)
      context.addIssue({
        code: "custom",
        path: ["max"],
        message: `expected at least the minimum of ${pixels.min}`,
      });
  });

/** Temperature 0 is greedy. */
export const decodingSchema = z.looseObject({
  temperature: temperatureSchema,
  topP: topPSchema,
  maxTokens: positiveSchema,
  seed: z.int().optional(),
  samples: positiveSchema.optional(),
});

export const launcherSchema = z.looseObject({ name: z.enum(["local", "slurm", "ray", "ssh"]) });
export const deviceSchema = z.enum(["cpu", "cuda", "webgpu"]);
export const engineSchema = z.enum(["embedded", "ms-swift", "llama-factory", "trl"]);

export type Loss = Known<z.infer<typeof lossSchema>>;
export type Ema = Known<z.infer<typeof emaSchema>>;
export type Optimiser = Known<z.infer<typeof optimiserSchema>>;
export type Schedule = Known<z.infer<typeof scheduleSchema>>;
export type Batch = Known<z.infer<typeof batchSchema>>;
export type Lora = Known<z.infer<typeof loraSchema>>;
export type Pixels = Known<z.infer<typeof pixelsSchema>>;
export type Decoding = Known<z.infer<typeof decodingSchema>>;
export type Launcher = Known<z.infer<typeof launcherSchema>>;
export type DeviceName = z.infer<typeof deviceSchema>;
export type EngineName = z.infer<typeof engineSchema>;
