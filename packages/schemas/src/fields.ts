import { z } from "zod";

/** Small schemas that several records share. Their messages begin with "expected" so that they read well after the field's path. */

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "expected a sha256 of 64 lower-case hex digits");

/** Ids of all records but questions: see `recordId`. */
export const recordIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "expected an id of 16 lower-case hex digits");

/** `<source>:<local id>`. */
export const questionIdSchema = z
  .string()
  .regex(/^[^:\s]+:\S(?:.*\S)?$/s, "expected a question id of the form <source>:<local id>");

export const isoTimeSchema = z.iso.datetime({
  precision: 3,
  error: 'expected an ISO 8601 time in UTC with milliseconds, such as "2026-01-31T12:00:00.000Z"',
});

export const nameSchema = z.string().min(1);
export const countSchema = z.int().min(0);
export const positiveSchema = z.int().min(1);
export const fractionSchema = z.number().min(0).max(1);
export const temperatureSchema = z.number().min(0);
export const topPSchema = z.number().gt(0).max(1);

export const splitSchema = nameSchema;
export const licenceSchema = nameSchema;

/** Keys (dotted paths) whose number was not finite and was therefore left out: see `withoutNonFinite`. */
export const nonFiniteSchema = z.array(nameSchema);

export const stageSchema = z.enum(["base", "stage0", "stage1", "stage2"]).nullable();
export const imageConditionSchema = z.enum(["real", "none", "blank", "swapped", "noise", "options-only"]);

export type Stage = z.infer<typeof stageSchema>;
export type ImageCondition = z.infer<typeof imageConditionSchema>;

/** Values that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export const jsonValueSchema: z.ZodType<JsonValue> = z.json();

const versionSchema = z.literal(1, {
  error: ({ input }) =>
    typeof input === "number" && input > 1
      ? "expected 1, as a newer version of MedE² wrote this: upgrade to read it"
      : undefined,
});

/** `{record: name, v: 1}`, which stands on every record. */
export function header<Name extends string>(name: Name) {
  return { record: z.literal(name), v: versionSchema };
}
