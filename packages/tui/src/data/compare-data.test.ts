import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeRun, started, steps, testWorkspace, text } from "../../test/make-run.ts";
import { openComparison } from "./compare-data.ts";

const workspace = testWorkspace();

const record = (run: string, index: number, correct: boolean) => ({
  ...{
    record: "evaluation-record",
    v: 1,
    questionId: `q:${index}`,
    task: "ward",
    protocol: "p",
    stage: "stage1",
  },
  model: { name: "tiny", checkpoint: join(workspace, "runs", run, "checkpoints", "step-0000004") },
  ...{ images: "real", sample: 0, traceId: index.toString(16).padStart(16, "0") },
  answer: { status: "found", labels: ["A"], rule: "boxed", span: null },
  ...{ outcome: { correct }, byRule: {}, group: {}, tags: { language: "en" } },
});

it("has of each run the scores of its own checkpoints with Wilson intervals, and what the plans differ in", async () => {
  const a = await makeRun(workspace, "run-a", [started(), ...steps(1, 4)]);
  const b = await makeRun(workspace, "run-a-2", [started(), ...steps(1, 4)], { seed: 3 });
  mkdirSync(join(workspace, "evaluations/one"), { recursive: true });
  const lines = [
    ...Array.from({ length: 10 }, (_, index) => record("run-a", index, index < 7)),
    ...Array.from({ length: 4 }, (_, index) => record("run-a-2", index, index < 1)),
    record("other", 1, true),
  ];
  writeFileSync(join(workspace, "evaluations/one/answers.evaluation.jsonl"), `${text(lines)}{"torn`);
  const { runs, differences } = await openComparison([a, b], workspace).read();
  expect(differences).toEqual([{ path: "seed", values: ["1", "3"] }]);
  const [first, second] = runs.map(({ scores }) => scores);
  expect(first).toMatchObject([{ task: "ward", images: "real", correct: 7, n: 10 }]);
  // statsmodels.stats.proportion.proportion_confint(7, 10, method="wilson")
  expect(first![0]!.low).toBeCloseTo(0.396778, 5);
  expect(first![0]!.high).toBeCloseTo(0.892209, 5);
  expect(second).toMatchObject([{ correct: 1, n: 4 }]);
});
