import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { functionModel, imagesOf, promptStyles } from "@mede2/llm";
import type { Question } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../evaluate.ts";
import { scaledQuestions } from "../scale/scaled-question.ts";
import { scalingCurve } from "../scale/scaling-curve.ts";
import { buildReport } from "./build-report.ts";
import { tokenCalibration, voteCalibration } from "./calibration-of.ts";
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
      tags: { language: "en" },
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
      ...{ questions, model, stage, conditions: ["real", "swapped"], store, samples: 2, task: "films" },
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
    JSON.stringify(scalingCurve(scaled, { resamples: 200 })),
  );
  report = await buildReport(all, {
    ...{ title: hostile, created: new Date(0), store, resamples: 500, seed: 1 },
    questions: new Map(questions.map((one) => [one.id, one])),
  });
});
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
    const kinds = task!.examples.map(({ why }) => why);
    expect(kinds).toContain("won");
    expect(task!.examples[0]!.answers.map(({ name }) => name)).toEqual(["base", "stage2"]);
    expect(task!.examples[0]!.pictures[0]).toHaveProperty("uri");
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
      ...["Change of reliance on the image", "Several answers", "Calibration", "Errors by coverage"],
    ])
      expect(page).toContain(`<h3>${title}</h3>`);
  });
});

describe("Markdown and terminal", () => {
  it("hold no markup of a model", () => {
    const markdown = reportMarkdown(report);
    expect(markdown).not.toMatch(/(^|[^\\])<(script|img|b|i)/m);
    expect(markdown).not.toMatch(/[^\\]\]\(javascript/);
    expect(markdown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e]/u);
    expect(markdown).toContain("stage2");
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
    const one = voteCalibration([...sure(30, 1), ...sure(10, 0)])!;
    expect(one.bins).toEqual([{ count: 40, meanProbability: 0.75, outcomeRate: 0.75 }]);
    expect(one.ece!.value).toBeCloseTo(0, 12);
    expect(one.brier).toBeCloseTo(0.1875, 12);
    expect(
      voteCalibration(sure(40, 1).map((question) => ({ ...question, answers: [answer("a", 1)] }))),
    ).toBeNull();
    const silent = { questionId: "x", cluster: "x", answers: [answer(null, 0), answer(null, 0)] };
    expect(voteCalibration(Array.from({ length: 10 }, () => silent))!.bins[0]!.meanProbability).toBe(0);
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
