import { z } from "zod/mini";
import { bytesText, duration } from "./run-text.ts";

/** What `mede2 plan … --json` says. Other keys are left alone. */
export const planReplySchema = z.looseObject({
  valid: z.boolean(),
  findings: z.array(z.looseObject({ level: z.string(), message: z.string() })),
  estimate: z.optional(
    z.looseObject({
      seconds: z.optional(z.number()),
      steps: z.optional(z.number()),
      memoryBytes: z.number(),
      diskBytes: z.number(),
    }),
  ),
});

export const recipesReplySchema = z.looseObject({
  recipes: z.array(z.looseObject({ name: z.string(), about: z.string(), data: z.string() })),
});

export const doctorReplySchema = z.looseObject({
  devices: z.array(z.looseObject({ name: z.string(), usable: z.boolean(), reason: z.string() })),
  baseModel: z.optional(z.looseObject({ usable: z.boolean(), path: z.string() })),
});

export type PlanReply = z.infer<typeof planReplySchema>;

/** "188 steps · about 4 min 10 s · 310 MB of memory · 42 MB on disk". */
export function estimateText({ estimate }: PlanReply): string {
  if (estimate === undefined) return "no estimate";
  const { steps, seconds, memoryBytes, diskBytes } = estimate;
  return [
    steps === undefined ? "" : `${steps} steps`,
    seconds === undefined ? "time not measured" : `about ${duration(seconds)}`,
    `${bytesText(memoryBytes)} of memory`,
    `${bytesText(diskBytes)} on disk`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}
