import { z } from "zod";
import { nameSchema, positiveSchema, sha256Schema } from "./fields.ts";
import type { Known } from "./known.ts";

/** A part of an image that somebody marked: its upper left corner and its size, in pixels of the image, and what it shows. */
export const imageRegionSchema = z.looseObject({
  name: nameSchema,
  x: z.number().min(0),
  y: z.number().min(0),
  width: z.number().gt(0),
  height: z.number().gt(0),
});

/**
 * A reference to an image in a content-addressed store, where it lies as `aa/<sha256>.<ext>`. A part of other records: it carries no
 * `record` and `v` of its own. `width` and `height` are pixels; `role` says what the image is in its question ("frontal", "figure-2").
 */
export const imageRefSchema = z.looseObject({
  sha256: sha256Schema,
  mime: z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/, 'expected a media type such as "image/png"'),
  width: positiveSchema,
  height: positiveSchema,
  role: z.string().optional(),
  /** Marked parts, such as organs and findings. */
  regions: z.array(imageRegionSchema).optional(),
});

export type ImageRegion = Known<z.infer<typeof imageRegionSchema>>;
export type ImageRef = Known<z.infer<typeof imageRefSchema>>;
