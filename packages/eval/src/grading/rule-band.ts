import type { EvaluationRecord } from "@mede2/schemas";

/** How far accuracy goes down and up with the rule that reads the answers. */
export interface RuleBand {
  low: number;
  high: number;
  lowRule: string;
  highRule: string;
}

/** Counts what each rule reads and gets right. Rules that read less than half of the answers say more of the prompt than of the model and are left out. */
export function bandBuilder(): {
  add(record: EvaluationRecord, score: number): void;
  band(): RuleBand | null;
} {
  const rules = new Map<string, { right: number; read: number }>();
  const note = (rule: string, correct: boolean, read: boolean) => {
    const known = rules.get(rule) ?? { right: 0, read: 0 };
    rules.set(rule, known);
    known.right += Number(correct);
    known.read += Number(read);
  };
  let n = 0;
  return {
    add(record, score) {
      const { correctByRule, reading } = record as {
        correctByRule?: Record<string, boolean>;
        reading?: string;
      };
      if (correctByRule === undefined) return;
      n += 1;
      note(reading ?? "strict", score === 1, true);
      for (const [rule, correct] of Object.entries(correctByRule))
        note(rule, correct, rule === "strict" || record.byRule[rule]?.status === "found");
    },
    band() {
      if (n === 0) return null;
      const order = [...rules]
        .filter(([, { read }]) => read * 2 >= n)
        .sort(([, a], [, b]) => a.right - b.right);
      const [[lowRule, low], [highRule, high]] = [order[0]!, order.at(-1)!];
      return { low: low.right / n, high: high.right / n, lowRule, highRule };
    },
  };
}
