import { z } from "zod";
import { hitKinds } from "../audit/find-hits.ts";

const share = z.number().gt(0).max(1);
const count = z.int().min(0);
const path = z.string().min(1);
const condition = z.enum(["real", "none", "blank", "swapped", "noise", "options-only"]);
const range = z.tuple([count, count]).refine(([from, to]) => from <= to, "expected two rising counts");

const stabilityRule = z.union([
  z.literal("infimed2"),
  z.strictObject({
    name: z.string().min(1),
    samples: z.int().min(1),
    train: range,
    reconstruct: range,
    otherwise: z.enum(["escalate", "drop"]),
  }),
]);

/** A filter by name with its settings. Paths are relative to the workspace or absolute. */
export const filterSettingsSchema = z.discriminatedUnion("filter", [
  z.strictObject({ filter: z.literal("picture-required") }),
  z.strictObject({ filter: z.literal("licence"), allow: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ filter: z.literal("language"), languages: z.array(z.string().min(2)).min(1) }),
  z.strictObject({
    filter: z.literal("length"),
    /** "words", or "tokens" of the plan's `model`. */
    unit: z.enum(["words", "tokens"]).default("words"),
    least: count.default(3),
    most: z.int().min(1).default(600),
  }),
  z.strictObject({
    filter: z.literal("length-gap"),
    ratio: z.number().gt(1).default(1.5),
    characters: count.default(12),
  }),
  z.strictObject({ filter: z.literal("absolute-words") }),
  z.strictObject({ filter: z.literal("answer-position"), tolerance: z.number().min(0).default(0.1) }),
  z.strictObject({ filter: z.literal("words-for-picture"), share: share.default(0.6) }),
  z.strictObject({
    filter: z.literal("text-in-picture"),
    options: z.enum(["right", "any"]).default("any"),
    characters: z.int().min(1).default(4),
    /** JSONL of `{sha256, text}`: what an OCR read. Without it what the records themselves say. */
    ocr: path.optional(),
  }),
  z.strictObject({
    filter: z.literal("stability"),
    /** Candidates or evaluation files with the sampled answers. */
    answers: z.array(path).min(1),
    rule: stabilityRule.default("infimed2"),
    images: condition.default("real"),
    model: z.string().min(1).optional(),
    routes: z
      .array(z.enum(["train", "reconstruct", "escalate"]))
      .min(1)
      .default(["train"]),
  }),
  z.strictObject({
    filter: z.literal("image-needed"),
    /** Candidates or evaluation files with answers of models that did not see the image. */
    answers: z.array(path).min(1),
    blind: z.array(condition).min(1).default(["none", "blank"]),
    aboveChance: share.default(0.5),
    models: z.int().min(1).default(1),
  }),
  z.strictObject({ filter: z.literal("exact-duplicates") }),
  z.strictObject({
    filter: z.literal("near-duplicates"),
    similarity: share.default(0.8),
    sameNumbers: z.boolean().default(true),
  }),
  z.strictObject({
    filter: z.literal("picture-duplicates"),
    distance: z.int().min(0).max(6).default(6),
    similarity: share.default(0.9),
  }),
  z.strictObject({
    filter: z.literal("contamination"),
    against: z.array(path).min(1),
    kinds: z.array(z.enum(hitKinds)).min(1).default(["exact", "near", "passage", "image"]),
  }),
]);

export const axisNames = ["source", "modality", "specialty", "type", "task", "language", "answer"] as const;

/** `settings` of a plan of kind "curate". */
export const curateSettingsSchema = z.strictObject({
  /** How many cases: 1,500 is the paper's number for Stage II. "all" keeps what passes the filters. */
  count: z.union([z.int().min(1), z.literal("all")]).default(1500),
  /** In this order; the first that drops a case gives the reason. */
  filters: z
    .array(filterSettingsSchema)
    .default([
      { filter: "picture-required" },
      { filter: "length", unit: "words", least: 3, most: 600 },
      { filter: "length-gap", ratio: 1.5, characters: 12 },
      { filter: "absolute-words" },
      { filter: "text-in-picture", options: "any", characters: 4 },
      { filter: "exact-duplicates" },
      { filter: "near-duplicates", similarity: 0.8, sameNumbers: true },
      { filter: "picture-duplicates", distance: 6, similarity: 0.9 },
    ]),
  balance: z
    .strictObject({
      axes: z.array(z.enum(axisNames)).default(["modality", "specialty", "type"]),
      /** Most cases of one picture, patient or stem. */
      perPicture: z.int().min(1).optional(),
      perPatient: z.int().min(1).optional(),
      perStem: z.int().min(1).optional(),
    })
    .default({ axes: ["modality", "specialty", "type"] }),
});

export type FilterSettings = z.infer<typeof filterSettingsSchema>;
export type CurateSettings = z.infer<typeof curateSettingsSchema>;
