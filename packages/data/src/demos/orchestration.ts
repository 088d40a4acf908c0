import { type ChatMessage, chatMessage, questionPrompt } from "@mede2/llm";
import { parseJson, parseRecord, type Question } from "@mede2/schemas";
import { z } from "zod";

const phrase = z.string().min(2);

/**
 * What a chain must contain, and in which order, as data. A section is there when a sentence of the reasoning holds one of its cues (whole words, any case); `ordered` wants the sections one after
 * the other. The version belongs to the name: change it whenever anything else changes.
 */
export const orchestrationSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, "expected lower-case letters, digits and hyphens"),
  version: z.string().min(1),
  about: z.string().min(1),
  /** The teacher's system message; empty for none. */
  system: z.string(),
  /** How options are shown, and what stands in the box: labels, or the option's own words. */
  options: z.enum(["labels", "names"]),
  sections: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z-]+$/, "expected lower-case letters and hyphens"),
        /** What the teacher is asked to write. */
        ask: z.string().min(1),
        cues: z.array(phrase).min(1),
        required: z.boolean().default(true),
      }),
    )
    .min(1),
  ordered: z.boolean().default(true),
  /** Least and most words of the reasoning. */
  words: z
    .tuple([z.int().min(1), z.int().min(1)])
    .refine(([least, most]) => least <= most, "expected two rising numbers"),
});

export type Orchestration = z.infer<typeof orchestrationSchema>;

/** Reads a template of one's own. Throws a RecordError that names the field. */
export function parseOrchestration(text: string, file: string): Orchestration {
  return orchestrationSchema.parse(parseRecord(orchestrationSchema, parseJson(text, { file }), { file }));
}

/** The messages by which a teacher is asked for a chain. The right answer is not among them. */
export function teacherPrompt(question: Question, orchestration: Orchestration): ChatMessage[] {
  const { system, sections, options, words, name } = orchestration;
  const steps = sections.map(
    ({ ask, required }, at) => `${at + 1}. ${ask}${required ? "" : " (where it helps)"}`,
  );
  const instruction = [
    `Reason between <think> and </think> in ${words[0]} to ${words[1]} words, in this order:`,
    ...steps,
    `Then put ${options === "labels" ? "the letter" : "the words"} of the right option in \\boxed{} after </think>, and nothing else in a box.`,
  ].join("\n");
  return [
    ...(system === "" ? [] : [chatMessage("system", system)]),
    ...questionPrompt(question, { name: `teacher-${name}`, options, instruction }),
  ];
}
