import { z } from "zod";
import { positiveSchema, sha256Schema } from "./fields.ts";
import type { Known } from "./known.ts";

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
});

export type ImageRef = Known<z.infer<typeof imageRefSchema>>;
