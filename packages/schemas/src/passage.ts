import { z } from "zod";
import { header, licenceSchema, nameSchema, recordIdSchema, splitSchema } from "./fields.ts";
import { imageRefSchema } from "./image-ref.ts";
import type { Known } from "./known.ts";

/** A text to pretrain on; with images it is their caption. */
export const passageSchema = z.looseObject({
  ...header("passage"),
  id: recordIdSchema,
  source: nameSchema,
  split: splitSchema,
  text: nameSchema,
  images: z.array(imageRefSchema),
  licence: licenceSchema,
});

export type Passage = Known<z.infer<typeof passageSchema>>;
