import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { functionModel, imagesOf, promptStyles } from "@mede2/llm";
import type { EvaluationRecord, Question, Rating } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../evaluate.ts";
import { reasoningQuality } from "../quality/reasoning-quality.ts";
import { scaledQuestions } from "../scale/scaled-question.ts";
import { scalingCurve } from "../scale/scaling-curve.ts";
import { buildReport } from "./build-report.ts";
import { tokenCalibration, votedCalibration } from "./calibration-of.ts";
import { evaluationFolders, evaluationRecords } from "./evaluation-folder.ts";
import { reportPage } from "./html/page.ts";
import { drawExamples } from "./pick-examples.ts";
import type { Report } from "./report.ts";
import { reportLines, reportMarkdown } from "./report-markdown.ts";

const hostile = `"><script>alert(1)</script></style></title><img src=x onerror=alert(2)> [x](javascript:alert(3)) \u001b[31m \u202egnp.exe \ud800 | <b>`;
const questions: Question[] = [];
let folder = "";
let report: Report;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-report-"));
  const store = openImageStore(join(folder, "images"));
  for (let n = 0; n < 24; n++) {
    const data = Uint8Array.from({ length: 16 }, (_, pixel) => (pixel * 3 + n * 10) % 256);
    const image = await store.put(await encodePng({ width: 4, height: 4, channels: 1, data }));
    questions.push({
      ...{ record: "question", v: 1, id: `films:${n}<i>`, source: "films", revision: "1", split: "test" },
      stem: `<image>\n${hostile}`,
      options: ["normal", `pneumonia ${hostile}`],
      gold: { labels: [n % 2 ? "B" : "A"] },
      images: [image],
      group: { patient: `${n >> 1}` },
      tags: {
        ...{ modality: n % 3 ? "x-ray" : `ct ${hostile}`, specialty: n % 3 ? "chest" : "other" },
        language: "en",
      },
      licence: "CC0-1.0",
    });
  }
  for (const [name, knows, stage] of [
    ["base-films", 10, "base"],
    ["stage2-films", 22, "stage2"],
  ] as const) {
    let asked = 0;
    const right = new Map(questions.slice(0, knows).map((one) => [one.images[0]!.sha256, one.gold]));
    const model = functionModel(`model ${hostile}`, ({ messages }) => {
      const gold = right.get(imagesOf(messages)[0]?.sha256 ?? "") as { labels: string[] } | undefined;
      asked += 1;
      return {
        text: `<think>\n${hostile} ${asked}\n</think>\n\n\\boxed{${gold?.labels[0] ?? (asked % 3 ? "A" : "")}}`,
        finish: "stop",
        tokens: { prompt: 3, completion: 20 },
        logProb: -asked % 7,
      };
    });
    await evaluate({
      ...{
        questions,
        model,
        stage,
        conditions: ["real", "swapped", "none"],
        store,
        samples: 2,
        task: "films",
      },
      style: promptStyles["reason-labels"],
      ...{ sampling: { temperature: 0, topP: 1, maxTokens: 32 }, out: join(folder, name) },
    });
  }
  const all = (
    await Promise.all(["base-films", "stage2-films"].map((name) => evaluationFolders(join(folder, name))))
  ).flat();
  const scaled = await scaledQuestions(evaluationRecords(all[1]!));
  await writeFile(
    join(all[1]!.folder, "scale.json"),
    JSON.stringify(scalingCurve(scaled, { resamples: 200, budgets: [10, 20] })),
  );
  const records: EvaluationRecord[] = [];
  for await (const record of evaluationRecords(all[1]!, "real")) records.push(record);
  await writeFile(
    join(all[1]!.folder, "quality.json"),
    JSON.stringify(
      reasoningQuality(
        records.map((record) => ({ record, rating: ratingOf(record) })),
        { by: ["modality"] },
      ),
    ),
  );
  const judged = { judge: `judge ${hostile}`, images: "real", n: 48, strict: 0.5, withJudge: 0.75 };
  await writeFile(
    join(all[1]!.folder, "judge.json"),
    JSON.stringify({ ...judged, low: 0.6, high: 0.86, judged: 20, right: 12, unscored: { "off-menu": 3 } }),
  );
  report = await buildReport(all, {
    flagged: new Set(["films:3<i>"]),
    ...{ title: hostile, created: new Date(0), store, resamples: 500, seed: 1 },
    questions: new Map(questions.map((one) => [one.id, one])),
  });
});
/** Every third answer rests on nothing. */
function ratingOf({ questionId, traceId }: EvaluationRecord): Rating {
  const value = Number(/\d+/.exec(questionId)![0]) % 3 === 0 ? 0 : 1;
  return {
    ...{ record: "rating", v: 1, traceId, gates: {}, total: value },
    scorer: { name: "mmrp", version: "1", rubric: "mmrp@1", mode: "programmatic", judges: [] },
    criteria: { "logical-consistency": { status: "scored", value, spans: [] } },
  };
}
afterAll(() => rm(folder, { recursive: true }));

describe("what a report says", () => {
  it("compares the evaluations, names them shortly, and shows answers of each kind", () => {
    const [task] = report.tasks;
    expect(task!.evaluations.map(({ name, stage }) => [name, stage])).toEqual([
      ["base", "base"],
      ["stage2", "stage2"],
    ]);
    const [one] = task!.comparisons;
    expect(one).toMatchObject({ from: "base", to: "stage2", images: "real", n: 24 });
    expect(one!.won + one!.lost + one!.bothRight + one!.bothWrong + one!.bothPartly).toBe(24);
    expect(one).not.toHaveProperty("wonIds");
    expect(task!.evaluations[1]!.audit!.reliance.swapped!.difference).toBeGreaterThan(0);
    expect(task!.reliance).toHaveLength(1);
    expect(task!.baselines!.random).toBe(0.5);
    expect(task!.evaluations[1]!.scaling!.curve.length).toBeGreaterThan(0);
    expect(task!.evaluations[1]!.calibration).toMatchObject({ confidence: "vote-share", n: 24, samples: 2 });
    const [clean, flagged, needing, blind] = task!.subsets;
    const counts = (part: typeof clean) => part!.accuracy.map(({ share }) => share?.n ?? 0);
    expect([counts(clean), counts(flagged)]).toEqual([
      [23, 23],
      [1, 1],
    ]);
    expect([needing!.name, blind!.name]).toEqual(["needs-image", "blind-solvable"]);
    expect(counts(needing)[0]! + counts(blind)[0]!).toBe(24);
    expect(Object.keys(task!.evaluations[0]!.summaries[0]!.by)).toEqual(["specialty", "modality"]);
    // both part the questions alike: the table shows one of them
    const [, kinds = ""] = reportMarkdown(report).split("### Accuracy in % by kind of question");
    expect(kinds).toContain("specialty: chest");
    expect(kinds).not.toContain("modality: x-ray");
    const whys = task!.examples.map(({ why }) => why);
    expect(whys).toContain("won");
    expect(task!.examples[0]!.answers.map(({ name }) => name)).toEqual(["base", "stage2"]);
    expect(task!.examples[0]!.pictures[0]).toHaveProperty("uri");
  });

  it("takes the comparisons of all its tasks for one family", async () => {
    const all = (
      await Promise.all(["base-films", "stage2-films"].map((name) => evaluationFolders(join(folder, name))))
    ).flat();
    const twice = [...all, ...all.map((one) => ({ ...one, task: "again" }))];
    const settings = { created: new Date(0), resamples: 200, examples: 0 };
    const { tasks } = await buildReport(twice, settings);
    const [alone] = (await buildReport(all, settings)).tasks;
    const p = alone!.comparisons[0]!.p;
    expect(alone!.comparisons[0]!.holm).toBe(p);
    expect(tasks.map(({ comparisons }) => comparisons[0]!.holm)).toEqual([2 * p, 2 * p]);
  });

  it("is the same again, and holds no pictures unless there is a store", async () => {
    const all = await evaluationFolders(join(folder, "stage2-films"));
    const settings = {
      created: new Date(0),
      resamples: 200,
      questions: new Map(questions.map((one) => [one.id, one])),
    };
    const [a, b] = [await buildReport(all, settings), await buildReport(all, settings)];
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    expect(a.tasks[0]!.examples[0]!.pictures[0]).toMatchObject({ left: "pictures were not asked for" });
    expect(a.tasks[0]!.examples.map(({ why }) => why)).toEqual(expect.arrayContaining(["right"]));
    expect(JSON.stringify(a)).not.toContain("base64");
  });
});

/** Every tag of the page with its attributes. A `<` that is no tag's would be one of ours or an escape that failed. */
function tags(page: string): { name: string; attributes: [string, string][] }[] {
  const style = /<style>[\s\S]*?<\/style>/.exec(page)![0];
  const rest = page.replace(style, "");
  const pieces = rest.split("<").slice(1);
  return pieces.map((piece) => {
    const match = /^(\/?[a-z0-9!]+)((?:\s+[a-zA-Z][\w-]*(?:="[^"<>]*")?)*)\s*\/?>/.exec(piece);
    if (match === null) throw new Error(`no tag: <${piece.slice(0, 60)}`);
    return {
      name: match[1]!,
      attributes: [...match[2]!.matchAll(/([a-zA-Z][\w-]*)(?:="([^"]*)")?/g)].map((one): [string, string] => [
        one[1]!,
        one[2] ?? "",
      ]),
    };
  });
}

describe("the page", () => {
  it("holds nothing that runs or loads, whatever a model wrote", () => {
    const page = reportPage(report);
    const found = tags(page);
    const names = new Set(found.map(({ name }) => name));
    for (const name of ["script", "iframe", "object", "embed", "link", "form", "base"])
      expect(names).not.toContain(name);
    expect(found.filter(({ name }) => name === "img").length).toBeGreaterThan(0);
    for (const { name, attributes } of found)
      for (const [attribute, value] of attributes) {
        expect(attribute.toLowerCase()).not.toMatch(/^on|^style$|^srcset$|^xlink/);
        if (attribute === "href") expect(value).toMatch(/^#[\w-]+$/);
        if (attribute === "src")
          expect(`${name} ${value}`).toMatch(/^img data:image\/png;base64,[A-Za-z0-9+/=]+$/);
      }
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("[U+202E]");
    expect(page).toContain("[U+001B]");
    expect(page).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    expect(page).not.toMatch(/NaN|undefined|\[object|Infinity/);
    expect(page).not.toMatch(/https?:/);
  });

  it("allows its own style and pictures in the file, and nothing else", () => {
    const page = reportPage(report);
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(page).toContain("Research only, not for diagnosis.");
    expect(page).toMatch(/<html lang="en">/);
    for (const [, label] of page.matchAll(/<svg[^>]*role="img" aria-label="([^"]*)"/g))
      expect(label).not.toBe("");
  });

  it("draws every chart that there are numbers for", () => {
    const page = reportPage(report);
    for (const title of [
      ...["Accuracy", "What each step was worth", "Questions won and lost", "Does it need the image?"],
      ...["Change of reliance on the image", "Several answers", "Less thinking", "What tokens buy"],
      ...["Calibration", "Errors by coverage", "Right for the right reasons?"],
      ...["Kinds of question", "Parts of the questions"],
    ])
      expect(page).toContain(`<h3>${title}</h3>`);
    for (const caption of ["Real image against another", "A judge&#39;s score, beside the strict one"])
      expect(page).toContain(`<caption>${caption}</caption>`);
  });
});

describe("Markdown and terminal", () => {
  it("hold no markup of a model", () => {
    const markdown = reportMarkdown(report);
    expect(markdown).not.toMatch(/(^|[^\\])<(script|img|b|i)/m);
    expect(markdown).not.toMatch(/[^\\]\]\(javascript/);
    expect(markdown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e]/u);
    for (const part of ["stage2", "### Answers and reasoning", "### Accuracy in % on parts", "off-menu"])
      expect(markdown).toContain(part);
    const lines = reportLines(report);
    expect(lines[0]).toBe("films");
    expect(lines.join("\n")).toContain("stage2 is better than base");
  });
});

describe("examples", () => {
  it("are drawn by seed, not by place", () => {
    const ids = Array.from({ length: 50 }, (_, at) => `q:${at}`);
    const kinds = [{ why: "won" as const, ids, count: 3 }];
    const drawn = drawExamples(kinds, 1);
    expect(drawn).toHaveLength(3);
    expect(drawExamples(kinds, 1)).toEqual(drawn);
    expect(drawExamples(kinds, 2)).not.toEqual(drawn);
    expect(drawExamples([{ why: "won" as const, ids: [...ids].reverse(), count: 3 }], 1)).toEqual(drawn);
  });
});

describe("calibration", () => {
  const answer = (said: string | null, score: number) => ({ said, score, tokens: 1, rating: null });
  it("takes the share of the votes, and knows when it is nought", () => {
    const sure = (n: number, right: number) =>
      Array.from({ length: n }, (_, at) => ({
        ...{ questionId: `${right}:${at}`, cluster: `${at}` },
        answers: [answer("a", right), answer("a", right), answer("a", right), answer("b", 0)],
      }));
    const one = votedCalibration([...sure(30, 1), ...sure(10, 0)])!;
    expect(one.bins).toEqual([{ count: 40, meanProbability: 0.75, outcomeRate: 0.75 }]);
    expect(one.ece!.value).toBeCloseTo(0, 12);
    expect(one.brier).toBeCloseTo(0.1875, 12);
    expect(
      votedCalibration(sure(40, 1).map((question) => ({ ...question, answers: [answer("a", 1)] }))),
    ).toBeNull();
    const silent = { questionId: "x", cluster: "x", answers: [answer(null, 0), answer(null, 0)] };
    expect(votedCalibration(Array.from({ length: 10 }, () => silent))!.bins[0]!.meanProbability).toBe(0);
  });

  it("ranks by token probability without taking it for a chance", () => {
    const rows = Array.from({ length: 20 }, (_, at) => ({
      trace: { logProb: -at, tokens: { prompt: 1, completion: 10 } },
      right: at < 10 ? 1 : 0,
    }));
    const one = tokenCalibration(rows)!;
    expect(one).toMatchObject({ brier: null, ece: null, bins: [], n: 20 });
    expect(one.excess).toBeCloseTo(0, 12);
  });
});

describe("the folder of an evaluation", () => {
  it("is only read", async () => {
    const path = join(folder, "base-films", "answers.trace.jsonl");
    const before = await readFile(path);
    await writeFile(path, Buffer.concat([before, Buffer.from('{"cut')]));
    await buildReport(await evaluationFolders(join(folder, "base-films")), {
      created: new Date(0),
      resamples: 200,
    });
    expect((await readFile(path, "utf8")).endsWith('{"cut')).toBe(true);
    await writeFile(path, before);
  });
});
