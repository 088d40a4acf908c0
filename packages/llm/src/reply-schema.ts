import { finishSchema } from "@mede2/schemas";
import { z } from "zod";
import type { ChatReply } from "./chat.ts";

const count = z.int().min(0);

/** A reply in a file. */
export const replySchema = z.looseObject({
  text: z.string(),
  reasoning: z.string().optional(),
  finish: finishSchema,
  tokens: z.looseObject({ prompt: count, completion: count }),
  logProb: z.number().optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
}) as unknown as z.ZodType<ChatReply>;
