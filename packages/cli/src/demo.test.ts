import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { wardCases, wardQuestion } from "@mede2/data";
import { evaluationFiles, gradeTrace } from "@mede2/eval";
import { type DemoReport, type DemoSet, evaluationFolder } from "@mede2/recipes";
import { type ImageRef, type Question, sha256Hex, writeJsonlAtomic } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { printColumns, wrapped } from "./columns.ts";
import { printReport } from "./demo/demo-tables.ts";
import { chooseTraces, printTraces } from "./demo/demo-traces.ts";
import { stepSeconds, timeLeft } from "./demo/time-left.ts";
import { openOutput } from "./output.ts";

function listing() {
  const lines: string[] = [];
  const never = new AbortController().signal;
  const sink = { write: (text: string) => lines.push(text) };
  const io = { stdout: sink, stderr: sink, env: {}, cwd: "/", clock: () => 0, stop: never, end: never };
  return { output: openOutput(io, false), text: () => lines.join("") };
}

describe("demo", () => {
  it("refuses a base that is no model, before it makes the folder", async () => {
    const cwd = await testFolder();
    const { code, err } = await mede2(["demo", "--out", "d", "--base", "nothing"], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(/^mede2: nothing holds no config\.json: .*--base.*\.\n$/);
    expect((await mede2(["demo"], { cwd })).err).toContain("--out");
  });

  it("refuses to go on with another demo in the same folder", async () => {
    const cwd = await testFolder();
    await mkdir(join(cwd, "base"));
    await writeFile(join(cwd, "base/config.json"), "{}");
    await mkdir(join(cwd, "d"));
    const before = { quick: true, seed: 1, base: join(cwd, "base"), threads: 2 };
    await writeFile(join(cwd, "d/demo.json"), JSON.stringify(before));
    const argv = ["demo", "--quick", "--out", "d", "--base", "base"];
    for (const [more, what] of [
      [["--seed", "2"], "whose seed is 1, not 2"],
      [["--threads", "1"], "whose threads is 2, not 1"],
    ] as const) {
      const { code, err } = await mede2([...argv, ...more], { cwd });
      expect(code).toBe(2);
      expect(err).toContain(what);
    }
    // the same settings get past it, to what is wrong with this base
    const same = await mede2(argv, { cwd });
    expect(same.err).not.toContain("holds a demo");
    expect(same.code).not.toBe(0);
    await cp(join(cwd, "base/config.json"), join(cwd, "d/demo.json"));
    expect((await mede2(argv, { cwd })).err).toContain("is not the settings of a demo");
  }, 60_000);
});

describe("time left", () => {
  it("begins with what is known, ends at nothing, and adapts to the machine", () => {
    const steps = { a: 10, b: 30 };
    const left = timeLeft(steps);
    expect(left("a", 0, 10, 0)).toBeCloseTo(40);
    left("a", 10, 10, 40); // four times as slow: (15 + 40) / (15 + 10)
    expect(left("b", 0, 10, 40)).toBeCloseTo(30 * (55 / 25));
    expect(left("b", 10, 10, 100)).toBe(0);
  });

  it("learns nothing from steps that were done before", () => {
    const left = timeLeft({ a: 10, b: 30 });
    left("a", 10, 10, 0.1);
    expect(left("b", 0, 10, 0.2)).toBeCloseTo(30);
  });

  it("knows every step that the demo names", () => {
    for (const steps of Object.values(stepSeconds)) {
      expect(Object.keys(steps)).toHaveLength(7 + 6);
      expect(Object.values(steps).every((seconds) => seconds > 0)).toBe(true);
    }
  });
});

const share = (correct: number, n = 100) => ({ correct, n, low: 0.25, high: 0.75 });
const scored = (correct: number) => ({ ...share(correct), excluded: 0 });
const shares = (correct: number) => ({
  ...{ real: scored(correct), blank: scored(20), swapped: scored(21) },
});
const process = {
  findingRight: share(80),
  findingCarried: share(70),
  valuesInStem: share(60),
  rightAndTrue: share(50),
};
const set: DemoSet = {
  models: { base: shares(40), stage1: shares(50), stage2: shares(61) },
  process: { base: null, stage1: process, stage2: process },
  comparisons: [
    { from: "base", to: "stage1", images: "real", difference: 0.1, low: 0.02, high: 0.18, p: 0.0001 },
  ],
  reliance: [{ from: "stage1", to: "stage2", difference: -0.03, low: -0.1, high: 0.04, p: 0.42 }],
};
const report: DemoReport = {
  ...set,
  byCase: set,
  settings: { quick: true, seed: 7, threads: 2, basePrompt: "direct" },
  pairs: {
    count: 3,
    bothRight: 1,
    kinds: { "wrong-answer": 2, "swapped-image": 1 },
    dropped: { "not-chosen:gate:parses": 9 },
  },
  ...{ runs: ["1-stage1"], seconds: 130 },
};

describe("the report of a demo", () => {
  it("shows accuracies with intervals, comparisons with reliance, what the answers do, and too few pairs as what they are", () => {
    const { output, text } = listing();
    printReport(output, report);
    expect(text()).toMatch(/own image +40\.0 % \[25\.0, 75\.0\] +50\.0 % \[25\.0, 75\.0\] +61\.0 %/);
    expect(text()).toMatch(/blank image +20\.0 %/);
    expect(text()).toMatch(/swapped image +21\.0 %/);
    expect(text()).toMatch(/base → Stage I +own +\+10\.0 +\[\+2\.0, \+18\.0\] +< 0\.001/);
    expect(text()).toMatch(/Stage I → Stage II +reliance .* −3\.0 +\[−10\.0, \+4\.0\] +0\.420/);
    expect(text()).toMatch(/finding named right +bare answers +80\.0 %/);
    expect(text()).toMatch(/right, by a true and consistent chain +bare answers +50\.0 %/);
    expect(text()).toContain("answer only. Seed 7. 2 min 10 s.");
    expect(text()).toContain("not-chosen:gate:parses 9");
    expect(text()).toContain("warning: with 3 pairs");
    expect(text().match(/Held out by/g)).toHaveLength(2);
  });
});

describe("traces side by side", () => {
  it("shows a question that Stage II won and one that it lost, without what a terminal would obey", async () => {
    const workspace = await testFolder();
    const image: ImageRef = { sha256: "0".repeat(64), mime: "image/png", width: 1, height: 1 };
    const questions = wardCases({ split: "test-combination", count: 3, seed: 1 }).map((each) =>
      wardQuestion(each, { form: "image", imageRef: image }),
    );
    await writeJsonlAtomic(join(workspace, "data/test-combination.questions.jsonl"), questions);
    const rights = { base: [false, false, false], stage1: [false, true, true], stage2: [true, false, true] };
    for (const stage of ["base", "stage1", "stage2"] as const)
      await writeAnswers(workspace, stage, questions, rights[stage]);
    const shown = await chooseTraces(workspace);
    expect(shown.map(({ why, question }) => [why.slice(0, 20), question.id])).toEqual([
      ["Stage II is right wh", questions[0]!.id],
      ["Stage I is right whe", questions[1]!.id],
    ]);
    for (const width of [150, 60]) {
      const { output, text } = listing();
      printTraces(output, shown, width);
      expect(text()).toContain("Stage II: right");
      expect(text()).toContain("base: wrong");
      expect(text()).not.toContain("\u001b");
      for (const line of text()
        .split("\n")
        .filter((each) => !/^(options|Stage I)/.test(each)))
        expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it("wraps at spaces, breaks long words, and keeps line breaks", () => {
    expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapped("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
    expect(wrapped("a\nb", 9)).toEqual(["a", "b"]);
    const { output, text } = listing();
    printColumns(
      output,
      ["x", "y"].map((title) => ({ title, text: `${title} text` })),
      80,
    );
    expect(text().split("\n")[1]).toMatch(/^x text +y text$/);
  });
});

async function writeAnswers(
  workspace: string,
  stage: "base" | "stage1" | "stage2",
  questions: readonly Question[],
  rights: readonly boolean[],
): Promise<void> {
  const traces = questions.map((question, at) => {
    const gold = "labels" in question.gold ? question.gold.labels[0]!.charCodeAt(0) - 65 : 0;
    const option = question.options[rights[at] ? gold : (gold + 1) % question.options.length];
    return makeTrace({
      ...{ question, stage, images: "real", sample: null, finish: "stop", promptHash: sha256Hex("p") },
      by: { kind: "model", name: stage },
      tokens: { prompt: 1, completion: 1 },
      text: `<think>\n\u001b[2Jlook\n</think>\nthe answer is \\boxed{${option}}`,
    });
  });
  const files = evaluationFiles(evaluationFolder(workspace, stage, "combination"), "ward-combination");
  await writeJsonlAtomic(files.traces, traces);
  const how = { task: "ward-combination", protocol: "reason", model: { name: stage } };
  await writeJsonlAtomic(
    files.records,
    traces.map((trace, at) => gradeTrace(questions[at]!, trace, how)),
  );
}
