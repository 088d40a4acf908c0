import { z } from "zod";
import { header, isoTimeSchema, nameSchema, positiveSchema } from "./fields.ts";
import type { Known } from "./known.ts";

/** The file `heartbeat`: rewritten every `intervalSeconds` while the engine lives. `bootId` tells one boot of a host from the next. */
export const heartbeatSchema = z.looseObject({
  ...header("heartbeat"),
  ts: isoTimeSchema,
  attempt: positiveSchema,
  pid: positiveSchema,
  bootId: nameSchema,
  host: nameSchema,
  /** When the process began, in the host's own terms: tells it from a later process with the same pid. */
  processStart: z.string().optional(),
  /** In whose count `pid` stands: a container that shares its host's name counts for itself. */
  pidNamespace: z.string().optional(),
  intervalSeconds: z.number().gt(0),
});

/** Folded from events and heartbeat, never written. `queued`: there is a run.json and no run-started yet. */
export const runStatusSchema = z.enum([
  "queued",
  "running",
  "paused",
  "stopped",
  "finished",
  "failed",
  "lost",
]);

export type Heartbeat = Known<z.infer<typeof heartbeatSchema>>;
export type RunStatus = z.infer<typeof runStatusSchema>;
