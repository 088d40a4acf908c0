import { makeTrace } from "@mede2/answers";
import {
  type Demonstration,
  demonstrationSchema,
  optionIndex,
  type Question,
  sha256Hex,
  type WrittenJsonl,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { readQuestions } from "../records/read-questions.ts";

/** How the answer is written: the option's own words, or its letter, as the prompt styles `direct` and `direct-labels` ask for it. */
export type DirectForm = "names" | "labels";

/**
 * A question with its right answer and nothing else: what direct fine-tuning learns from, the baseline that reasoning has to beat. Undefined for a question whose gold names an option
 * that it has not.
 */
export function directDemonstration(
  question: Question,
  form: DirectForm = "names",
): Demonstration | undefined {
  const answer = goldText(question, form);
  if (answer === undefined) return undefined;
  const trace = makeTrace({
    question,
    by: { kind: "template", name: "direct" },
    stage: null,
    images: question.images.length === 0 ? "none" : "real",
    promptHash: sha256Hex([question.stem, ...question.options].join("\n")),
    sample: null,
    text: `\\boxed{${answer}}`,
    finish: "stop",
    tokens: { prompt: 0, completion: 0 },
  });
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name: `direct-${form}`, version: "1" },
    checks: [],
  });
}

function goldText({ gold, options }: Question, form: DirectForm): string | undefined {
  if ("text" in gold) return gold.text;
  if ("value" in gold) return gold.unit === "" ? String(gold.value) : `${gold.value} ${gold.unit}`;
  if (form === "labels") return gold.labels.join(", ");
  const names = gold.labels.map((label) => options[optionIndex(label, options.length) ?? -1]);
  return names.includes(undefined) ? undefined : names.join(", ");
}

export interface DirectOptions {
  /** `*.questions.jsonl`, or records that carry a question; each question is taken once. */
  data: string;
  /** `*.demonstrations.jsonl` */
  out: string;
  form?: DirectForm;
  /** Which questions: with pictures, without, or all. */
  cases?: "multimodal" | "text" | "all";
}

/** Direct demonstrations of a file of questions; what is left out is counted by reason. Streams. */
export async function directDemonstrations({
  data,
  out,
  form = "names",
  cases = "multimodal",
}: DirectOptions): Promise<WrittenJsonl & { dropped: Record<string, number> }> {
  const dropped: Record<string, number> = {};
  const drop = (reason: string): void => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  async function* each(): AsyncGenerator<Demonstration> {
    const seen = new Set<string>();
    for await (const { question } of readQuestions(data)) {
      const pictures = question.images.length > 0;
      if (seen.has(question.id)) drop("duplicate-question");
      else if (cases !== "all" && pictures !== (cases === "multimodal"))
        drop(pictures ? "multimodal" : "no-image");
      else {
        const made = directDemonstration(question, form);
        if (made === undefined) drop("gold-without-option");
        else yield made;
      }
      seen.add(question.id);
    }
  }
  const written = await writeJsonlAtomic(out, each(), { schema: demonstrationSchema });
  return { ...written, dropped };
}
