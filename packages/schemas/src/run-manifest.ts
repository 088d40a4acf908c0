import { z } from "zod";
import { countSchema, header, isoTimeSchema, nameSchema, sha256Schema } from "./fields.ts";
import type { Known } from "./known.ts";
import { planKindSchema, planSchema } from "./plan.ts";

/** The file `run.json`: written once, when the run is made. `planHash` is that of `plan`; `imageStore` is relative to the workspace or absolute. */
export const runManifestSchema = z.looseObject({
  ...header("run-manifest"),
  id: nameSchema,
  kind: planKindSchema,
  plan: planSchema,
  planHash: sha256Schema,
  code: z.looseObject({ version: nameSchema, commit: nameSchema.optional(), dirty: z.boolean().optional() }),
  data: z.array(z.looseObject({ path: nameSchema, sha256: sha256Schema, count: countSchema })),
  device: nameSchema,
  host: nameSchema,
  argv: z.array(z.string()),
  createdAt: isoTimeSchema,
  /** Ids of the runs whose results this one builds on. */
  parents: z.array(nameSchema),
  imageStore: nameSchema,
});

export type RunManifest = Known<z.infer<typeof runManifestSchema>>;
