import { z } from "zod";
import { header, isoTimeSchema, jsonValueSchema, nameSchema } from "./fields.ts";
import type { Known } from "./known.ts";

export const controlNameSchema = z.enum(["pause", "resume", "stop", "checkpoint", "learning-rate"]);

/** A file in `control/`: a wish of a client, answered by a `control-acknowledged` event with its id. */
export const controlRequestSchema = z
  .looseObject({
    ...header("control-request"),
    id: nameSchema,
    /** Who asks: a person or a program. */
    by: nameSchema,
    ts: isoTimeSchema,
    request: controlNameSchema,
    args: z.record(nameSchema, jsonValueSchema),
  })
  .superRefine((control, context) => {
    const rate = control.args.learningRate;
    if (control.request === "learning-rate" && !(typeof rate === "number" && rate > 0))
      context.addIssue({
        code: "custom",
        path: ["args", "learningRate"],
        message: "expected a learning rate above 0",
      });
  });

export type ControlName = z.infer<typeof controlNameSchema>;
export type ControlRequest = Known<z.infer<typeof controlRequestSchema>>;
