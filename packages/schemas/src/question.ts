import { z } from "zod";
import {
  header,
  jsonValueSchema,
  licenceSchema,
  nameSchema,
  questionIdSchema,
  splitSchema,
} from "./fields.ts";
import { imageRefSchema } from "./image-ref.ts";
import type { Known } from "./known.ts";
import { optionLabels } from "./option-label.ts";

/** The right answer: option labels, a text with its aliases, or a number with unit and tolerance (absolute, in that unit). */
export const goldSchema = z.union(
  [
    z.looseObject({ labels: z.array(nameSchema).min(1) }),
    z.looseObject({ text: nameSchema, aliases: z.array(z.string()) }),
    z.looseObject({ value: z.number(), unit: z.string(), tolerance: z.number().min(0) }),
  ],
  { error: "expected {labels}, {text, aliases} or {value, unit, tolerance}" },
);

/** What the question shares with others: rows of one group are resampled and split together. */
export const groupSchema = z.looseObject({
  patient: z.string().optional(),
  image: z.string().optional(),
  case: z.string().optional(),
  stem: z.string().optional(),
});

export const tagsSchema = z.looseObject({
  modality: z.string().optional(),
  specialty: z.string().optional(),
  task: z.string().optional(),
  type: z.string().optional(),
  /** BCP 47, such as "en". */
  language: nameSchema,
});

export const questionSchema = z
  .looseObject({
    ...header("question"),
    id: questionIdSchema,
    source: z.string().regex(/^[^:\s]+$/, "expected a source name without colon and white space"),
    /** The version of the source: a commit, a date, a release. */
    revision: nameSchema,
    split: splitSchema,
    stem: nameSchema,
    /** Empty for an open question. The label of an option is its position: A, B, C … */
    options: z.array(z.string()).max(26),
    gold: goldSchema,
    images: z.array(imageRefSchema),
    /** The images in words: for text-only forms and for checks. */
    findings: z.string().optional(),
    /** Facts of the case by name, for checks. */
    facts: z.record(z.string(), jsonValueSchema).optional(),
    group: groupSchema,
    tags: tagsSchema,
    licence: licenceSchema,
  })
  .superRefine((question, context) => {
    if (!question.id.startsWith(`${question.source}:`))
      context.addIssue({
        code: "custom",
        path: ["id"],
        message: `expected an id that begins with "${question.source}:"`,
      });
    if (!("labels" in question.gold) || !Array.isArray(question.gold.labels)) return;
    const labels = optionLabels(question.options.length);
    question.gold.labels.forEach((label, index) => {
      if (!labels.includes(label))
        context.addIssue({
          code: "custom",
          path: ["gold", "labels", index],
          message:
            labels.length === 0
              ? "expected no label, as there are no options"
              : `expected one of ${labels.join(", ")}`,
        });
    });
  });

export type Gold = Known<z.infer<typeof goldSchema>>;
export type Group = Known<z.infer<typeof groupSchema>>;
export type Tags = Known<z.infer<typeof tagsSchema>>;
export type Question = Known<z.infer<typeof questionSchema>>;
