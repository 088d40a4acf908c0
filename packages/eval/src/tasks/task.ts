import { type ImageCondition, imageConditionSchema, type Question } from "@mede2/schemas";
import { z } from "zod";
import type { SwapSettings } from "../answering/image-conditions.ts";
import { EvaluationError } from "../evaluation-error.ts";
import { protocolNames } from "../protocols/presets.ts";

const words = z.array(z.string().min(1));

/** A task is data: which questions, how they are put, how replies are read and graded, and what must be said beside the number. A JSON file may hold one. */
export const taskSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, "expected letters, digits, dots and hyphens"),
  title: z.string().min(1),
  /** How its questions are made: `mede2 data import <name> DIR [--part …] [--split …]`. */
  import: z.strictObject({
    name: z.string().min(1),
    part: z.string().optional(),
    split: z.string().optional(),
  }),
  /** Which questions of a file count: their source, split, tags, and how many options they have. What is left out is counted. */
  select: z
    .strictObject({
      sources: words.optional(),
      splits: words.optional(),
      tags: z.record(z.string(), words).default({}),
      fewestOptions: z.int().min(0).optional(),
      mostOptions: z.int().min(0).optional(),
    })
    .default({ tags: {} }),
  /** How many questions the published set has; null when that depends on what was downloaded. */
  expected: z.int().min(1).nullable().default(null),
  /** Name of a protocol: how questions are put, with what settings, and how replies are read. */
  protocol: z.enum(protocolNames),
  /** Read otherwise than the protocol says. */
  reading: z
    .enum(["strict", "inspect", "medxpertqa", "mmmu-pro", "medevalkit", "medvlthinker", "vlmevalkit"])
    .optional(),
  /** The conditions of an audit; the first is the headline. */
  images: z.array(imageConditionSchema).min(1).default(["real"]),
  /** Whether a question without images is a fault. */
  multimodal: z.boolean().default(false),
  /** What is not independent: a field of the questions' group; "auto" is the widest that is known; null takes each question alone. */
  cluster: z.enum(["patient", "image", "case", "stem", "auto"]).nullable().default("auto"),
  metric: z.enum(["accuracy", "macro-f1"]).default("accuracy"),
  /** Tags by which the result is told apart. */
  by: words.default([]),
  /** Images are swapped among questions with the same `group` tag, never for one with the same `key` fact. */
  swap: z.strictObject({ group: z.string().optional(), key: z.string().optional() }).optional(),
  /** What a reader of the number must know. */
  caveats: words.default([]),
});

export type Task = z.infer<typeof taskSchema>;
export type TaskInput = z.input<typeof taskSchema>;

/** Checks a task and fills in what it leaves out. Throws an EvaluationError that says what is wrong with it. */
export function defineTask(task: unknown): Task {
  const result = taskSchema.safeParse(task);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw new EvaluationError(
    "bad-task",
    `the task is not valid: ${first!.path.join(".") || "it"}: ${first!.message}; docs/how-to/add-a-task.md shows one`,
  );
}

export interface Selected {
  questions: Question[];
  /** How many questions were left out, by reason. */
  left: Record<string, number>;
  /** What a reader must be told: another number of questions than the published set has. */
  warnings: string[];
}

/** The questions of a file that belong to a task. Throws an EvaluationError when a multimodal task has a question without an image, or nothing is left. */
export function selectQuestions(task: Task, all: readonly Question[]): Selected {
  const left: Record<string, number> = {};
  const questions = all.filter((question) => {
    const reason = reasonToLeave(task, question);
    if (reason !== null) left[reason] = (left[reason] ?? 0) + 1;
    return reason === null;
  });
  if (questions.length === 0)
    throw new EvaluationError(
      "bad-task",
      `none of the ${all.length} questions belongs to ${task.name} (${Object.entries(left)
        .map(([reason, n]) => `${reason} ${n}`)
        .join(", ")}): it is made of ${importCommand(task)}`,
    );
  const blind = task.multimodal ? questions.find(({ images }) => images.length === 0) : undefined;
  if (blind !== undefined)
    throw new EvaluationError(
      "image-missing",
      `${blind.id} has no image, and ${task.name} is multimodal: import it with its images (${importCommand(task)})`,
    );
  const { expected, name } = task;
  const warnings =
    expected === null || expected === questions.length
      ? []
      : [
          `${name} has ${expected} questions as published, here are ${questions.length}: do not compare the number with published ones`,
        ];
  return { questions, left, warnings };
}

export function importCommand({ import: { name, part, split } }: Task): string {
  return `mede2 data import ${name} DIR${part === undefined ? "" : ` --part ${part}`}${split === undefined ? "" : ` --split ${split}`}`;
}

function reasonToLeave({ select }: Task, { source, split, tags, options }: Question): string | null {
  if (select.sources !== undefined && !select.sources.includes(source)) return "other-source";
  if (select.splits !== undefined && !select.splits.includes(split)) return "other-split";
  for (const [tag, values] of Object.entries(select.tags)) {
    const value = (tags as Record<string, unknown>)[tag];
    if (typeof value !== "string" || !values.includes(value)) return `other-${tag}`;
  }
  if (options.length < (select.fewestOptions ?? 0)) return "fewer-options";
  return options.length > (select.mostOptions ?? Number.POSITIVE_INFINITY) ? "more-options" : null;
}

/** What an image may be swapped with, as `evaluate` takes it. */
export function taskSwap({ swap }: Task): SwapSettings | undefined {
  if (swap === undefined) return undefined;
  const { group, key } = swap;
  return {
    ...(group === undefined
      ? {}
      : { group: ({ tags }) => String((tags as Record<string, unknown>)[group] ?? "") }),
    ...(key === undefined
      ? {}
      : {
          key: ({ facts, images }) => {
            const fact = facts?.[key];
            return fact === undefined ? images.map(({ sha256 }) => sha256).join(" ") : JSON.stringify(fact);
          },
        }),
  };
}

/** The whole audit: real images and everything that may stand in for them. */
export const auditConditions: readonly ImageCondition[] = [
  "real",
  "none",
  "blank",
  "swapped",
  "noise",
  "options-only",
];
