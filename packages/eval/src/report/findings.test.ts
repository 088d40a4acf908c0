import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { summarise } from "../grading/summarise.ts";
import { warningsOf } from "./findings.ts";
import type { ReportEvaluation, ReportTask } from "./report.ts";

type Kind = { images?: "real" | "none"; prompt?: number; cut?: number; text?: boolean };

/** Forty answers under each condition; of the first `cut` the end is missing. */
function evaluation(name: string, kinds: readonly Kind[]): ReportEvaluation {
  const records = kinds.flatMap(({ images = "real", prompt = 10, cut = 0, text = false }) =>
    Array.from({ length: 40 }, (_, at) =>
      recordOf(at, at >= cut, {
        images,
        ...({
          tokens: { prompt, completion: 5 },
          imageHashes: images === "real" && !text ? ["a"] : [],
        } as object),
        ...(at < cut ? { answer: { status: "truncated", rule: "finish", span: null } } : {}),
      }),
    ),
  );
  return { name, summaries: summarise(records) } as unknown as ReportEvaluation;
}

const warnings = (...evaluations: ReportEvaluation[]) =>
  warningsOf({ evaluations, images: "real" } as unknown as ReportTask).join("\n");

describe("warnings", () => {
  it("says when pictures cost no tokens", () => {
    const seen = evaluation("base", [{ prompt: 90 }, { images: "none", prompt: 30 }]);
    const unseen = evaluation("base", [{ prompt: 30 }, { images: "none", prompt: 30 }]);
    expect(warnings(seen)).toBe("");
    expect(warnings(unseen)).toContain(
      "base: its prompts count no more tokens with pictures (30) than without",
    );
    expect(warnings(evaluation("base", [{ prompt: 30 }]))).toBe("");
    const words = evaluation("base", [
      { prompt: 30, text: true },
      { images: "none", prompt: 30 },
    ]);
    expect(warnings(words)).toBe("");
  });
  it("says when one evaluation is cut off more often than another", () => {
    const [base, long] = [evaluation("base", [{}]), evaluation("stage2", [{ cut: 8 }])];
    expect(warnings(base, long)).toContain("stage2 is cut off in 20.0 % of its answers, base in 0.0 %");
    expect(warnings(base, evaluation("stage1", [{ cut: 2 }]))).not.toContain("cut off");
    expect(warnings(long)).toContain("20.0 % of the answers could not be read (8 truncated)");
    expect(warnings(long)).not.toContain("cut off");
  });
});
