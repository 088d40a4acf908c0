import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng } from "@mede2/images";
import { listRuns } from "@mede2/runs";
import { preferencePairSchema, readAllJsonl } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writeSmallModel } from "../../test/support/small-model.ts";
import { runVqaRad, type VqaRadSettings, vqaRadStages } from "./run-vqa-rad.ts";
import type { VqaRadAmounts } from "./vqa-rad-settings.ts";

vi.mock("@mede2/trainer", async (original) => {
  const { trainHere } = await import("../../test/support/train-here.ts");
  return trainHere(await original<typeof import("@mede2/trainer")>());
});

/** Names that the image-disjoint split of VQA-RAD holds out, and names of no published picture; all pictures are drawn here. */
const heldOut = ["synpic16170.jpg", "synpic16174.jpg"];
const training = ["made-up-1.jpg", "made-up-2.jpg", "made-up-3.jpg", "made-up-4.jpg"];

async function picture(seed: number, bright: boolean): Promise<Uint8Array> {
  const side = 56;
  const random = createRandom(seed);
  const data = Uint8Array.from({ length: side * side }, () => (bright ? 180 : 40) + random.below(40));
  return encodePng({ width: side, height: side, channels: 1, data });
}

const closed = ["is the film bright", "is there a bright area", "does it look bright", "is this film white"];

async function writeSources(folder: string): Promise<void> {
  await mkdir(join(folder, "vqa-rad/images"), { recursive: true });
  await mkdir(join(folder, "mmedpo"), { recursive: true });
  const rows: object[] = [];
  for (const [index, image_name] of [...training, ...heldOut].entries()) {
    const bright = index % 2 === 0;
    await writeFile(join(folder, "vqa-rad/images", image_name), await picture(index, bright));
    const row = { image_name, image_organ: "CHEST", question_type: "PRES", phrase_type: "freeform" };
    for (const question of closed)
      rows.push({ ...row, qid: rows.length, question, answer: bright ? "Yes" : "No", answer_type: "CLOSED" });
    rows.push({
      ...{ ...row, qid: rows.length, question: "what is shown" },
      ...{ answer: bright ? "a white film" : "a dark film", answer_type: "OPEN" },
    });
  }
  await writeFile(join(folder, "vqa-rad/trainset.json"), JSON.stringify(rows));
  await writeFile(join(folder, "vqa-rad/testset.json"), "[]");
  const turns = (question: string, answer: string) => [
    { from: "human", value: `<image>\n${question}` },
    { from: "gpt", value: answer },
  ];
  const pair = (
    id: number,
    image: string,
    weight: number,
    rejected = "nothing at all is shown on this film",
  ) => ({
    ...{ id: String(id), image, weighted_score: weight },
    conversations: turns("what is shown", "a film"),
    rejected_conversations: turns("what is shown", rejected),
  });
  const pairs = [
    ...training.map((image, at) => pair(at, image, 1)),
    ...heldOut.map((image, at) => pair(10 + at, image, 1)),
    pair(20, training[0]!, 0),
    pair(21, training[1]!, 1, "a film"),
  ];
  await writeFile(join(folder, "mmedpo/vqa-rad_dpo_weighted.json"), JSON.stringify(pairs));
}

const amounts: VqaRadAmounts = {
  stage0: { epochs: 8, batch: 4, learningRate: 3e-3 },
  stage2: { epochs: 1, batch: 4, learningRate: 1e-4, beta: 0.1, nllWeight: 1 },
  own: { questions: 16, samples: 6, temperature: 1.5 },
  maxTokens: 8,
  pairs: null,
};

describe("runVqaRad, with a random model and made-up pictures", () => {
  let folder = "";
  const settings = (more: Partial<VqaRadSettings> = {}): VqaRadSettings => ({
    workspace: join(folder, "work"),
    vqaRad: join(folder, "vqa-rad"),
    mmedpo: join(folder, "mmedpo"),
    model: join(folder, "model"),
    ...{ seed: 1, threads: 2, amounts, code: { version: "0.1.0", commit: "0".repeat(40), dirty: false } },
    ...more,
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mede2-vqa-rad-"));
    await writeSources(folder);
    const words = "options: yes; no answer only. user assistant a white film a dark film what is shown";
    await writeSmallModel(join(folder, "model"), [words, ...closed, "nothing at all is shown on this film"], {
      vocabSize: 340,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("stops when asked, goes on where it stood, and compares four models on the held-out pictures", async () => {
    const stop = new AbortController();
    const abort = (step: string) => step === "sample" && stop.abort();
    await expect(runVqaRad(settings({ signal: stop.signal, onProgress: abort }))).rejects.toThrow();
    const stage0 = join(folder, "work/runs/1-stage0/events.jsonl");
    const before = await stat(stage0);
    const report = await runVqaRad(settings());
    expect((await stat(stage0)).mtimeMs).toBe(before.mtimeMs);
    expect(report.questions).toEqual({ training: 20, heldOut: 10 });
    expect(report.pairs.mmedpo).toMatchObject({
      count: 4,
      dropped: { "picture-held-out": 2, "weight-0": 1, "same-text": 1 },
    });
    expect(report.pairs.own.count).toBeGreaterThan(0);
    for (const stage of vqaRadStages) {
      const summaries = report.results[stage];
      expect(summaries.map(({ images, n }) => [images, n])).toEqual([
        ["real", 10],
        ["blank", 10],
        ["swapped", 10],
      ]);
      for (const { answers } of summaries)
        expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(10);
    }
    // what was learnt: bare answers, which the random base does not give
    const read = (stage: (typeof vqaRadStages)[number]) => report.results[stage][0]!.answers.found;
    expect(read("stage0")).toBeGreaterThan(read("base"));
    const runs = await listRuns(join(folder, "work"));
    expect(runs.map((run) => run.readable && run.status)).toEqual(["finished", "finished", "finished"]);
    expect(JSON.parse(await readFile(join(folder, "work/report.json"), "utf8"))).toEqual(report);
  });

  it("no pair shows a held-out picture, and own pairs prefer the right answer", async () => {
    for (const name of ["mmedpo", "own"]) {
      const pairs = await readAllJsonl(
        join(folder, `work/data/stage2-${name}.pairs.jsonl`),
        preferencePairSchema,
      );
      for (const { question, ratings } of pairs) {
        expect(heldOut).not.toContain(question.group.image);
        if (name === "own")
          expect([ratings.chosen, ratings.rejected].map(({ gates }) => gates["answer-correct"])).toEqual([
            "passed",
            "failed",
          ]);
      }
    }
  });

  it("gives the same report again without training or asking anything, and refuses other settings", async () => {
    const first = JSON.parse(await readFile(join(folder, "work/report.json"), "utf8"));
    expect(await runVqaRad(settings())).toEqual(first);
    await expect(runVqaRad(settings({ seed: 2 }))).rejects.toThrow(/other settings/);
  });
});
