import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { evaluate } from "@mede2/eval";
import { encodePng, openImageStore } from "@mede2/images";
import { functionModel, imagesOf, promptStyles } from "@mede2/llm";
import { type Question, readAllJsonl, traceSchema, writeJsonlAtomic } from "@mede2/schemas";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { blindRating } from "./evaluation/blind-rating.ts";

let cwd: string;
const questions: Question[] = [];

beforeAll(async () => {
  cwd = await testFolder();
  const store = openImageStore(join(cwd, ".mede2", "images"));
  for (let n = 0; n < 12; n++) {
    const data = Uint8Array.from({ length: 16 }, (_, pixel) => (pixel * 3 + n * 20) % 256);
    const image = await store.put(await encodePng({ width: 4, height: 4, channels: 1, data }));
    questions.push({
      ...{ record: "question", v: 1, id: `films:${n}`, source: "films", revision: "1", split: "test" },
      ...{ stem: "<image>\nA man of 40 coughs. What does the film show?", options: ["normal", "pneumonia"] },
      ...{ gold: { labels: [n % 2 ? "B" : "A"] }, images: [image], findings: "consolidation" },
      ...{ group: {}, tags: { modality: "x-ray", language: "en" }, licence: "CC0-1.0" },
    });
  }
  await writeJsonlAtomic(join(cwd, "films.questions.jsonl"), questions);
  for (const [name, knows] of [
    ["base", 3],
    ["stage2", 9],
  ] as const) {
    let asked = 0;
    const right = new Map(questions.slice(0, knows).map((one) => [one.images[0]!.sha256, one.gold]));
    const model = functionModel(name, ({ messages }) => {
      const gold = right.get(imagesOf(messages)[0]?.sha256 ?? "") as { labels: string[] } | undefined;
      asked += 1;
      const said = gold?.labels[0] ?? (asked % 2 ? "A" : "B");
      return {
        text: `<think>\nThe film shows a clear lung on the left. The heart is not enlarged, so it is option ${said}.\n</think>\n\n\\boxed{${said}}`,
        finish: "stop",
        tokens: { prompt: 3, completion: 10 + (asked % 5) },
      };
    });
    const out = join(cwd, "evaluations", name);
    await mkdir(out, { recursive: true });
    await evaluate({
      ...{
        questions,
        model,
        stage: name,
        conditions: ["real", "swapped"],
        store,
        samples: 4,
        task: "films",
        out,
      },
      ...{ style: promptStyles["reason-labels"], sampling: { temperature: 1, topP: 1, maxTokens: 32 } },
    });
  }
});

describe("eval scale", () => {
  it("gives a curve with the keys of the contract, rated where the questions are at hand", async () => {
    const argv = [
      "eval",
      "scale",
      "evaluations/stage2",
      "--k",
      "1,2,4",
      "--budgets",
      "12",
      "--resamples",
      "200",
    ];
    const ran = await mede2([...argv, "--data", "films.questions.jsonl", "--json"], { cwd });
    const said = ran.json<{
      curve: { method: string; k: number; accuracy: number; tokens: number }[];
      n: number;
    }>();
    expect(said.n).toBe(12);
    for (const point of said.curve)
      for (const key of ["method", "k", "accuracy", "low", "high", "tokens"])
        expect(point).toHaveProperty(key);
    expect(new Set(said.curve.map(({ method }) => method))).toEqual(
      new Set(["mean", "vote", "weighted", "best", "pass@k", "pass^k", "budget"]),
    );
    const bare = await mede2(argv, { cwd });
    expect(bare.code).toBe(0);
    expect(bare.out).toContain("majority vote");
    expect(bare.out).not.toContain("best by MMRP");
    expect(bare.out).toContain("12 questions; 0 of 48 answers rated");
  });

  it("says what is wrong", async () => {
    const few = await mede2(["eval", "scale", "evaluations/stage2", "--k", "8"], { cwd });
    expect(few).toMatchObject({ code: 2 });
    expect(few.err).toContain("the most is 4");
    const blank = await mede2(["eval", "scale", "evaluations/stage2", "--images", "blank"], { cwd });
    expect(blank).toMatchObject({ code: 2 });
    expect((await mede2(["eval", "scale", "evaluations/stage2", "--k", "0"], { cwd })).code).toBe(2);
  });
});

describe("the rating that chooses among answers", () => {
  it("does not know the right answer, nor the findings", async () => {
    const rate = await blindRating();
    const traces = await readAllJsonl(join(cwd, "evaluations/stage2/answers.trace.jsonl"), traceSchema);
    let rated = 0;
    for (const trace of traces.slice(0, 24)) {
      const question = questions.find(({ id }) => id === trace.questionId)!;
      const value = rate(question, trace);
      for (const other of [
        { ...question, gold: { labels: ["A"] } },
        { ...question, gold: { labels: ["B"] } },
        { ...question, findings: "a clear lung", facts: { sign: "none" } },
      ])
        expect(rate(other, trace)).toBe(value);
      if (value !== null) rated += 1;
    }
    expect(rated).toBeGreaterThan(0);
  });
});

describe("report", () => {
  it("writes a page, tables and numbers", async () => {
    const ran = await mede2(
      [
        ...["report", "evaluations/base", "evaluations/stage2", "--data", "films.questions.jsonl"],
        ...["--resamples", "200", "--out", "r", "--title", "<Films>", "--embed-images", "--json"],
      ],
      { cwd },
    );
    const { files } = ran.json<{ files: string[] }>();
    expect(files.map((file) => file.split("/").at(-1))).toEqual(["report.html", "report.md", "report.json"]);
    const page = await readFile(join(cwd, "r/report.html"), "utf8");
    expect(page).toContain("<title>&lt;Films&gt;</title>");
    expect(page).toContain('src="data:image/png;base64,');
    const json = JSON.parse(await readFile(join(cwd, "r/report.json"), "utf8")) as {
      tasks: { comparisons: object[] }[];
    };
    expect(json.tasks[0]!.comparisons).toHaveLength(1);
  });

  it("tells accuracy on questions that an audit found in training data apart", async () => {
    const [{ images: _, ...copied }] = questions as [Question];
    await writeJsonlAtomic(join(cwd, "train.questions.jsonl"), [
      { ...copied, id: "films:seen", images: [questions[0]!.images[0]!] },
    ]);
    const audit = [
      "data",
      "audit",
      "films.questions.jsonl",
      "--against",
      "train.questions.jsonl",
      "--out",
      "seen",
    ];
    const audited = await mede2([...audit, "--json"], { cwd });
    expect(audited.err).toBe("");
    const argv = ["report", "evaluations/base", "evaluations/stage2", "--resamples", "200", "--out", "parts"];
    const ran = await mede2([...argv, "--flagged", "seen.hits.jsonl"], { cwd });
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/not found in training data +11 /);
    expect(ran.out).toMatch(/\n *found in training data +1 /);
    const json = JSON.parse(await readFile(join(cwd, "parts/report.json"), "utf8")) as {
      tasks: { subsets: { name: string; accuracy: { share: { n: number } | null }[] }[] }[];
    };
    const parts = json.tasks[0]!.subsets.map(({ name, accuracy }) => [
      name,
      accuracy.map(({ share }) => share?.n),
    ]);
    expect(parts).toEqual([
      ["clean", [11, 11]],
      ["flagged", [1, 1]],
    ]);
    const other = await mede2([...argv, "--flagged", "films.questions.jsonl"], { cwd });
    expect(other).toMatchObject({ code: 2 });
    expect(other.err).toContain("line 1 is no hit of an audit");
    await writeFile(join(cwd, "other.hits.jsonl"), '{"questionId":"films:seen","kinds":["exact"]}\n');
    const wrongWay = await mede2([...argv, "--flagged", "other.hits.jsonl"], { cwd });
    expect(wrongWay.err).toContain("no flagged question");
  });

  it("writes logs that Inspect opens, and reads them back", async () => {
    const argv = [
      "report",
      "evaluations/stage2",
      "--format",
      "eval",
      "--data",
      "films.questions.jsonl",
      "--out",
      "logs",
    ];
    const { files } = (await mede2([...argv, "--resamples", "200", "--json"], { cwd })).json<{
      files: string[];
    }>();
    expect(files).toHaveLength(2);
    expect((await readFile(files[0]!)).subarray(0, 2).toString()).toBe("PK");
    const back = await mede2(["eval", "import", ...files, "--out", "back", "--json"], { cwd });
    expect(back.json()).toMatchObject({ written: 96, task: "films" });
    const compared = await mede2(["compare", "evaluations/stage2", "back", "--resamples", "200", "--json"], {
      cwd,
    });
    expect(compared.json<{ comparisons: object[] }>().comparisons[0]).toMatchObject({
      difference: 0,
      won: 0,
      lost: 0,
    });
  });

  it("says what is wrong", async () => {
    expect(await mede2(["report", "nowhere"], { cwd })).toMatchObject({ code: 2 });
    expect(await mede2(["report", "evaluations"], { cwd })).toMatchObject({ code: 2 });
    expect((await mede2(["report", "evaluations/base", "--task", "other"], { cwd })).err).toContain(
      "only films",
    );
    expect(await mede2(["report", "evaluations/base", "--format", "pdf"], { cwd })).toMatchObject({
      code: 2,
    });
    expect(await mede2(["eval", "import", "films.questions.jsonl", "--out", "x"], { cwd })).toMatchObject({
      code: 2,
    });
  });
});
