import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { type ImageRef, type Question, questionSchema, readAllJsonl, writeJsonlAtomic } from "@mede2/schemas";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aQuestion } from "../../test/support/questions.ts";
import type { SetCard } from "../cards/set-card.ts";
import { columnOf } from "./column.ts";
import { curate } from "./curate.ts";
import { readCuratePlan } from "./curate-plan.ts";
import { selectBalanced } from "./select-balanced.ts";

describe("selectBalanced", () => {
  const row = fc.tuple(fc.nat(3), fc.nat(4), fc.nat(1000), fc.nat(5));
  /** Rows of two axes, a rank and the key of a cap. */
  const poolOf = (rows: readonly (readonly number[])[], most: number) => ({
    axes: [0, 1].map((axis) => columnOf(rows.map((one) => one[axis]!))),
    ranks: columnOf(rows.map((one) => one[2]!)),
    caps: [{ most, keysAt: (at: number) => [rows[at]![3]!] }],
  });

  it("takes exactly as many as wanted, each once, within the caps, or all that the caps allow", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(90),
        (rows, most, count) => {
          const chosen = selectBalanced(poolOf(rows, most), count);
          expect(new Set(chosen).size).toBe(chosen.length);
          const times = (keys: number[], key: number) => keys.filter((one) => one === key).length;
          const used = chosen.map((at) => rows[at]![3]!);
          for (const key of used) expect(times(used, key)).toBeLessThanOrEqual(most);
          const keys = rows.map((one) => one[3]!);
          const possible = [...new Set(keys)].reduce((sum, key) => sum + Math.min(most, times(keys, key)), 0);
          expect(chosen.length).toBe(Math.min(count, possible));
        },
      ),
    );
  });

  it("fills one axis as evenly as the pool allows", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 120 }), fc.nat(120), (values, wanted) => {
        const chosen = selectBalanced(
          { axes: [columnOf(values)], ranks: columnOf(values.map((_, at) => at)), caps: [] },
          wanted,
        );
        const has = (value: number) => values.filter((one) => one === value).length;
        const took = (value: number) => chosen.filter((at) => values[at] === value).length;
        const all = [...new Set(values)];
        // No value has two more than another that still has some left.
        for (const a of all)
          for (const b of all) if (took(b) < has(b)) expect(took(a)).toBeLessThanOrEqual(took(b) + 1);
      }),
    );
  });

  it("balances modality, specialty and type at once", () => {
    // 90 % of one modality, and types that go with it
    const rows = Array.from({ length: 3000 }, (_, i) => [
      i % 10 === 0 ? 1 + (i % 3 === 0 ? 1 : 0) : 0,
      i % 7,
      i % 4 === 0 ? 1 : 0,
    ]);
    const chosen = selectBalanced(
      {
        axes: [0, 1, 2].map((axis) => columnOf(rows.map((one) => one[axis]!))),
        ranks: columnOf(rows.map((_, at) => (at * 7919) % 3001)),
        caps: [],
      },
      300,
    );
    const count = (axis: number, value: number) => chosen.filter((at) => rows[at]![axis] === value).length;
    for (let value = 0; value < 3; value++) expect(Math.abs(count(0, value) - 100)).toBeLessThanOrEqual(2);
    expect(Math.abs(count(2, 0) - count(2, 1))).toBeLessThan(60);
    for (let value = 0; value < 7; value++) expect(Math.abs(count(1, value) - 300 / 7)).toBeLessThan(12);
  });
});

describe("curate", () => {
  let dir: string;
  let pictures: ImageRef[];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "curate-"));
    const store = openImageStore(join(dir, "store"));
    pictures = await Promise.all(
      [0, 1, 2].map(async (shift) =>
        store.put(
          await encodePng({
            width: 32,
            height: 32,
            channels: 1,
            data: Uint8Array.from(
              { length: 1024 },
              (_, i) => (i * (7 + shift * 5) + (i >> 5) * 31 * shift) % 256,
            ),
          }),
        ),
      ),
    );
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const cases = (): Question[] =>
    Array.from({ length: 120 }, (_, i) =>
      aQuestion(i, {
        stem: `Which of the findings marked ${i * 37} does picture ${i} of the series show most clearly?`,
        images: i % 12 === 11 ? [] : [pictures[i % 3]!],
        tags: {
          language: "en",
          modality: i % 7 < 2 ? "ct" : "x-ray",
          specialty: ["chest", "head"][i % 2]!,
        },
        licence: i % 10 === 3 ? "CC BY-NC 4.0" : "CC BY 4.0",
      }),
    );
  const run = async (
    settings: object,
    more: { name?: string; progress?: (done: number) => void; seed?: number } = {},
  ) => {
    await writeJsonlAtomic(join(dir, "pool.questions.jsonl"), cases());
    const planFile = join(dir, "sketch.plan.json");
    await writeFile(
      planFile,
      JSON.stringify({ seed: more.seed ?? 1, data: [{ path: "pool.questions.jsonl" }], settings }),
    );
    const inDir = (path: string) => resolve(dir, path);
    const out = join(dir, more.name ?? "out", "set.questions.jsonl");
    const result = await curate({
      plan: await readCuratePlan(planFile, inDir),
      ...{ out, store: join(dir, "store"), resolve: inDir },
      ...(more.progress === undefined ? {} : { progress: more.progress }),
    });
    const read = async (ending: string) => readFile(join(dir, more.name ?? "out", `set.${ending}`), "utf8");
    return {
      ...result,
      questions: await readAllJsonl(out, questionSchema),
      cardData: JSON.parse(await read("card.json")) as SetCard,
      read,
    };
  };

  it("takes exactly the wanted number, and the card adds up", async () => {
    const { kept, dropped, questions, cardData, read } = await run({
      count: 30,
      filters: [
        { filter: "picture-required" },
        { filter: "licence", allow: ["CC-BY-*"] },
        { filter: "exact-duplicates" },
      ],
      balance: { axes: ["modality", "specialty"], perPicture: 12 },
    });
    expect([kept, questions.length, new Set(questions.map(({ id }) => id)).size]).toEqual([30, 30, 30]);
    expect(dropped).toEqual({ "no-picture": 10, licence: 10, "not-selected": 70 });
    expect(kept + Object.values(dropped).reduce((sum, n) => sum + n, 0)).toBe(120);
    expect(cardData.steps.map(({ name, in: entered, out }) => [name, entered, out])).toEqual([
      ["read", 120, 120],
      ["picture-required", 120, 110],
      ["licence", 110, 100],
      ["exact-duplicates", 100, 100],
      ["selection", 100, 30],
    ]);
    const { ct, "x-ray": films } = cardData.balance.modality!;
    expect([ct!.available + films!.available, ct!.chosen + films!.chosen]).toEqual([100, 30]);
    expect(Math.abs(ct!.chosen - films!.chosen)).toBeLessThanOrEqual(2);
    expect(cardData.histograms.source).toEqual({ test: 30 });
    expect(cardData.caveats).toHaveLength(3);
    for (const ref of pictures)
      expect(questions.filter(({ images }) => images[0]?.sha256 === ref.sha256).length).toBeLessThanOrEqual(
        12,
      );
    expect(await read("card.md")).toContain(
      "| licence | 110 | 100 | licence 10 | the licence is one of CC-BY-* |",
    );
    const plan = JSON.parse(await read("plan.json"));
    expect(plan.settings.filters[1]).toEqual({ filter: "licence", allow: ["CC-BY-*"] });
    expect(plan.data[0].sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("gives the same bytes for the same seed, also after it was stopped anywhere, and others for another seed", async () => {
    const settings = { count: 20, filters: [{ filter: "answer-position" }, { filter: "near-duplicates" }] };
    const whole = await run(settings);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 240 }), async (moment) => {
        const name = `stopped-${++runs}`;
        let calls = 0;
        const stopping = () => {
          calls += 1;
          if (calls === moment) throw new Error("stopped");
        };
        await expect(run(settings, { name, progress: stopping })).rejects.toThrow("stopped");
        expect(await readdir(join(dir, name)).catch(() => [])).toEqual([]);
        const again = await run(settings, { name });
        expect(again.sha256).toBe(whole.sha256);
        expect(again.cardData).toEqual(whole.cardData);
      }),
      { numRuns: 5 },
    );
    expect((await run(settings, { seed: 2 })).sha256).not.toBe(whole.sha256);
  });

  it("says what stands in the way when too few are left", async () => {
    const filters = [{ filter: "licence", allow: ["CC BY-NC 4.0"] }];
    await expect(run({ count: 50, filters })).rejects.toMatchObject({
      code: "curate-too-few",
      message: expect.stringContaining("licence: licence 108"),
    });
    expect((await run({ count: "all", filters })).kept).toBe(12);
  });

  it("applies stability and need of the image from sampled answers", async () => {
    const answers = (images: string, right: (i: number) => number) =>
      cases().map((question, i) => ({
        record: "candidates",
        v: 1,
        question,
        ratings: [],
        traces: Array.from({ length: 8 }, (_, k) => ({
          record: "trace",
          v: 1,
          id: (i * 100 + k + (images === "real" ? 0 : 50)).toString(16).padStart(16, "0"),
          questionId: question.id,
          by: { kind: "model", name: "m" },
          stage: null,
          images,
          imageHashes: [],
          promptHash: "0".repeat(64),
          sample: null,
          text: "",
          reasoning: null,
          steps: [],
          answer: { status: "found", labels: [k < right(i) ? "A" : "B"], rule: "boxed", span: null },
          finish: "stop",
          tokens: { prompt: 0, completion: 0 },
        })),
      }));
    await writeJsonlAtomic(
      join(dir, "real.candidates.jsonl"),
      answers("real", (i) => i % 9),
    );
    await writeJsonlAtomic(
      join(dir, "blind.evaluation.jsonl"),
      answers("blank", (i) => i % 8).flatMap(({ question, traces }) =>
        [...traces, { ...traces[0]!, id: traces[0]!.id.replace(/^0/, "f") }].map(
          ({ id, answer }, sample) => ({
            ...{
              record: "evaluation-record",
              v: 1,
              questionId: question.id,
              task: "t",
              protocol: "p",
              model: { name: "m" },
            },
            ...{
              stage: null,
              images: "blank",
              sample,
              traceId: id,
              answer,
              byRule: {},
              group: {},
              tags: { language: "en" },
            },
            // the ninth failed and does not count
            outcome: sample === 8 ? { excluded: "error" } : { correct: answer.labels[0] === "A" },
          }),
        ),
      ),
    );
    const { dropped, kept } = await run({
      count: "all",
      filters: [
        { filter: "stability", answers: ["real.candidates.jsonl"] },
        { filter: "image-needed", answers: ["blind.evaluation.jsonl"] },
      ],
    });
    const stable = cases().filter((_, i) => i % 9 >= 3 && i % 9 <= 5);
    const blind = cases().filter((_, i) => i % 9 >= 3 && i % 9 <= 5 && i % 8 >= 5); // half-way from 1/4 to 1 is 5 of 8
    expect(dropped).toEqual({
      "too-hard": cases().filter((_, i) => i % 9 < 3).length,
      "too-easy": cases().filter((_, i) => i % 9 > 5).length,
      "image-not-needed": blind.length,
    });
    expect(kept).toBe(stable.length - blind.length);
  });

  it("refuses plans that it does not understand, and data that changed", async () => {
    await expect(run({ filters: [{ filter: "licence" }] })).rejects.toThrow(/settings\.filters\.0\.allow/);
    await expect(run({ counts: 3 })).rejects.toThrow(/sketch\.plan\.json/);
    await expect(run({ filters: [{ filter: "length", unit: "tokens" }] })).rejects.toMatchObject({
      code: "curate-plan",
    });
    await writeFile(
      join(dir, "old.plan.json"),
      JSON.stringify({ data: [{ path: "pool.questions.jsonl", sha256: "0".repeat(64) }] }),
    );
    const inDir = (path: string) => resolve(dir, path);
    const plan = await readCuratePlan(join(dir, "old.plan.json"), inDir);
    await expect(
      curate({ plan, out: join(dir, "x.questions.jsonl"), store: join(dir, "store"), resolve: inDir }),
    ).rejects.toMatchObject({ code: "data-changed" });
  });
});
