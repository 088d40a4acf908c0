import { z } from "zod/mini";
import { oneLine } from "../records/visible-text.ts";
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
  code: z.optional(z.looseObject({ version: z.string() })),
  machine: z.optional(
    z.looseObject({
      node: z.string(),
      platform: z.string(),
      cpu: z.string(),
      cores: z.number(),
      memoryBytes: z.number(),
      freeMemoryBytes: z.number(),
    }),
  ),
});

export type DoctorReply = z.infer<typeof doctorReplySchema>;

/** What `mede2 doctor` found, a line each: the devices with why one is not usable, the machine, the command. */
export function doctorText(found: DoctorReply, from: string): string {
  const devices = found.devices.map(({ name, usable, reason }) =>
    [`${name}: ${usable ? "usable" : "not usable"}`, ...(reason === "" ? [] : [reason])].join(", "),
  );
  const lines = ["What this machine can do", ...devices, ...machineLines(found, from)];
  return lines.map((line) => oneLine(line, 400)).join("\n  ");
}

/** The machine, the command and its base model, a line each. */
export function machineLines({ baseModel, code, machine }: DoctorReply, from: string): string[] {
  const lines = [`mede2 ${code?.version ?? "of an unknown version"}, from ${from}`];
  if (baseModel !== undefined)
    lines.push(baseModel.usable ? "it comes with its base model" : "this build comes without its base model");
  if (machine !== undefined)
    lines.push(
      `${machine.cpu}, ${machine.cores} cores, ${bytesText(machine.freeMemoryBytes)} free of ${bytesText(machine.memoryBytes)}`,
      `Node ${machine.node} on ${machine.platform}`,
    );
  return lines.map((line) => oneLine(line, 400));
}

export type RecipesReply = z.infer<typeof recipesReplySchema>;
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
