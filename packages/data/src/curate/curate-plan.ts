import { readFile } from "node:fs/promises";
import { type Plan, parseJson, parseRecord, planSchema, type TaskPlan } from "@mede2/schemas";
import { z } from "zod";
import { DataError } from "../records/data-error.ts";
import { fileSha256 } from "../records/file-sha256.ts";
import { curateSettingsSchema } from "./curate-settings.ts";

/** A plan as a person writes it: only `data` is needed, and `kind` when it is another file's. */
const sketchSchema = z.looseObject({
  kind: z.literal("curate").default("curate"),
  seed: z.int().min(0).default(0),
  threads: z.int().min(1).default(1),
  recipe: z.string().min(1).default("custom"),
  data: z
    .array(
      z.looseObject({
        path: z.string().min(1),
        sha256: z.string().optional(),
        split: z.string().min(1).default("all"),
      }),
    )
    .min(1),
  settings: z.unknown().optional(),
});

/**
 * Reads a plan of kind "curate" and makes it complete: defaults, all settings of the filters, and the sha256 of data files that it leaves out. The complete plan is what is hashed and
 * written beside the result. Throws a RecordError or DataError that names the field.
 */
export async function readCuratePlan(path: string, resolve: (path: string) => string): Promise<TaskPlan> {
  const text = await readFile(path, "utf8");
  const sketch = parseRecord(sketchSchema, parseJson(text, { file: path }), { file: path });
  const settings = parseRecord(
    z.object({ settings: curateSettingsSchema }),
    { settings: sketch.settings ?? {} },
    { file: path },
  ).settings;
  const data: Plan["data"] = [];
  for (const { path: file, sha256, split, ...rest } of sketch.data)
    data.push({ ...rest, path: file, sha256: sha256 ?? (await fileSha256(resolve(file))), split });
  const plan = parseRecord(
    planSchema,
    { ...sketch, record: "plan", v: 1, data, settings: JSON.parse(JSON.stringify(settings)) },
    { file: path },
  );
  if (plan.kind !== "curate")
    throw new DataError("curate-plan", `${path} is a plan of kind ${plan.kind}`, 'write "kind": "curate"');
  return plan as TaskPlan;
}
