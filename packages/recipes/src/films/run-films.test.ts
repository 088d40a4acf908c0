import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filmDemonstrations } from "@mede2/data";
import { encodePng, openImageStore } from "@mede2/images";
import { loadProcessor } from "@mede2/nn";
import { listRuns, runPlaces } from "@mede2/runs";
import {
  preferencePairSchema,
  readAllJsonl,
  readRecord,
  runManifestSchema,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writeSmallModel } from "../../test/support/small-model.ts";
import { runPlan } from "../run-plan.ts";
import { writeFilmsData } from "./films-data.ts";
import { filmsStage0 } from "./films-plans.ts";
import { filmsControls } from "./films-report.ts";
import type { FilmsAmounts } from "./films-settings.ts";
import { type FilmsSettings, runFilms } from "./run-films.ts";

vi.mock("@mede2/trainer", async (original) => {
  const { trainHere } = await import("../../test/support/train-here.ts");
  return trainHere(await original<typeof import("@mede2/trainer")>());
});

/** Bright in the middle for pneumonia, dark for normal, with noise: something that even a random tower tells apart. */
async function film(seed: number, ill: boolean): Promise<Uint8Array> {
  const side = 56;
  const random = createRandom(seed);
  const data = Uint8Array.from({ length: side * side }, (_, at) => {
    const distance = Math.hypot((at % side) - side / 2, Math.floor(at / side) - side / 2);
    return (ill && distance < 18 ? 190 : 50) + random.below(40);
  });
  return encodePng({ width: side, height: side, channels: 1, data });
}

async function writeSource(folder: string): Promise<void> {
  await mkdir(join(folder, "images"), { recursive: true });
  const lines: string[] = [];
  for (let n = 0; n < 30; n++) {
    const ill = n % 2 === 0;
    const image = ill ? `images/person${n}_virus_${n}.png` : `images/IM-${1000 + n}-0001.png`;
    await writeFile(join(folder, image), await film(n, ill));
    const subtype = ill ? "viral pneumonia" : "normal";
    const split = n < 18 ? "train" : "test";
    lines.push(JSON.stringify({ image, label: ill ? "PNEUMONIA" : "NORMAL", subtype, split }));
  }
  await writeFile(join(folder, "labels.jsonl"), `${lines.join("\n")}\n`);
}

/** A small random model that knows the words of films. */
function writeModel(folder: string): Promise<void> {
  const texts = [...filmDemonstrations({ count: 60 })].map(({ question, trace }) =>
    [
      question.stem,
      ...question.options,
      trace.text,
      "user assistant options: reason first. answer only.",
    ].join("\n"),
  );
  return writeSmallModel(folder, texts, { extraTokens: ["<think>", "</think>", "\\boxed{"] });
}

const amounts: FilmsAmounts = {
  films: 18,
  heldOut: null,
  stage0: { epochs: 2, batch: 9, learningRate: 1e-4 },
  stage1: {
    epochs: 1,
    batch: 8,
    learningRate: 1e-5,
    demonstrations: 8,
    replay: 1,
    described: 4,
    standIns: 3,
  },
  stage2: {
    epochs: 1,
    batch: 4,
    learningRate: 1e-4,
    samples: 6,
    temperature: 0.5,
    beta: 0.1,
    nllWeight: 1,
    pairs: { perCase: 2, bothRightShare: 0, balance: "answer" },
    bare: 0.5,
  },
  maxTokens: 160,
};

/** Two chains by heart, each for its label, and bare answers: what our random model is taught first, so that some of what it says later passes the gates. */
async function teach(workspace: string, model: string): Promise<string> {
  const store = openImageStore(join(workspace, ".mede2/images"));
  const data = await writeFilmsData({
    workspace,
    source: join(workspace, "../source"),
    store,
    amounts,
    seed: 1,
  });
  const chains = ["normal", "pneumonia"].map(
    (label) =>
      [...filmDemonstrations({ count: 20 })].find(({ question }) => question.facts?.label === label)!,
  );
  const path = "data/chains.demonstrations.jsonl";
  const records = data.training.map((question) => {
    const { id: _, ...chain } = chains.find((each) => each.question.facts?.label === question.facts?.label)!;
    return withId({ ...chain, question });
  });
  const { sha256 } = await writeJsonlAtomic(join(workspace, path), records);
  const processor = await loadProcessor(model);
  const plan = filmsStage0(
    { workspace, model, processor, seed: 1, threads: 2 },
    { ...amounts, stage0: { epochs: 30, batch: 9, learningRate: 3e-3 } },
    data.answers,
  );
  plan.freeze = []; // a random model has everything to learn
  plan.data.push({ path, sha256, split: "stage0", promptStyle: "reason" } as (typeof plan.data)[number]);
  return (await runPlan({ workspace, id: "base", plan, code })).checkpoint;
}

const code = { version: "0.1.0", commit: "0".repeat(40), dirty: false };

describe("runFilms, with a random model and very little of everything", () => {
  let folder = "";
  let base = "";
  const settings = (more: Partial<FilmsSettings> = {}): FilmsSettings => ({
    workspace: join(folder, "work"),
    source: join(folder, "source"),
    model: base,
    seed: 1,
    threads: 2,
    amounts,
    code,
    ...more,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mede2-films-"));
    await writeSource(join(folder, "source"));
    await writeModel(join(folder, "model"));
    await mkdir(join(folder, "teaching"));
    base = await teach(join(folder, "teaching"), join(folder, "model"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("stops when asked, goes on where it stood, and reports four models on the test films", async () => {
    const stop = new AbortController();
    const abort = ({ step }: { step: string }) => step === "3-sample" && stop.abort();
    await expect(runFilms(settings({ signal: stop.signal, onProgress: abort }))).rejects.toThrow();
    const stage0 = join(folder, "work/runs/1-stage0/events.jsonl");
    const before = await stat(stage0);
    const report = await runFilms(settings());
    expect((await stat(stage0)).mtimeMs).toBe(before.mtimeMs);
    expect(report.films).toEqual({ training: 18, heldOut: 12, patients: 12, majority: 0.5 });
    expect(report.rows.map(({ stage, style }) => `${stage} ${style}`)).toEqual([
      "base direct",
      "base reason",
      "stage0 direct",
      "stage1 reason",
      "stage1 direct",
      "stage2 reason",
      "stage2 direct",
    ]);
    for (const { real, swapped, reliance, answers } of report.rows) {
      expect([real.n, swapped.n]).toEqual([12, 12]);
      expect(reliance.difference).toBeCloseTo((real.correct - swapped.correct) / 12, 12);
      expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(12);
    }
    const [, , adapted] = report.rows;
    expect(adapted!.real.correct).toBeGreaterThan(10);
    expect(adapted!.swapped.correct).toBeLessThan(2);
    expect(adapted!.calibration!.auroc!.value).toBeGreaterThan(0.9);
    expect(adapted!.findingNamed.count).toBe(0);
    expect(report.comparisons).toHaveLength(24);
    for (const { measure, from, a } of report.comparisons) {
      const row = report.rows.find(({ stage, style }) => `${stage}, ${style}` === from)!;
      const shares = Object.values(row.byLabel).map(({ value }) => value);
      if (measure === "balanced accuracy") expect(a).toBeCloseTo((shares[0]! + shares[1]!) / 2, 10);
    }
    expect(report.pairs.count).toBeGreaterThan(0);
    expect(JSON.parse(await readFile(join(folder, "work/report.json"), "utf8"))).toEqual(report);
    const runs = await listRuns(join(folder, "work"));
    expect(runs.every((run) => run.readable && run.status === "finished")).toBe(true);
    expect(runs).toHaveLength(5 + 7);
  });

  it("chooses answers that are right, name a finding and are consistent with it, and no patient is on both sides", async () => {
    const pairs = await readAllJsonl(join(folder, "work/data/stage2.pairs.jsonl"), preferencePairSchema);
    for (const { ratings } of pairs) {
      expect(ratings.chosen.gates["answer-correct"]).toBe("passed");
      expect(ratings.chosen.gates["links-hold"]).not.toBe("failed");
      expect(ratings.chosen.total!).toBeGreaterThan(ratings.rejected.total!);
    }
    const questions = await readFile(join(folder, "work/data/training.questions.jsonl"), "utf8");
    const trained = questions
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).group.patient);
    const held = await readFile(join(folder, "work/data/held-out.questions.jsonl"), "utf8");
    for (const line of held.trim().split("\n")) expect(trained).not.toContain(JSON.parse(line).group.patient);
  });

  it("gives the same numbers again without training or asking anything, and refuses other settings", async () => {
    const { seconds: _, ...first } = JSON.parse(await readFile(join(folder, "work/report.json"), "utf8"));
    const { seconds: __, ...second } = await runFilms(settings());
    expect(second).toEqual(first);
    await expect(runFilms(settings({ seed: 2 }))).rejects.toThrow(/other settings/);
  });

  it("trains the controls that are asked for from the same Stage I, and compares Stage II with each", async () => {
    const { rows, comparisons } = await runFilms(settings({ controls: filmsControls }));
    expect(rows.slice(7).map(({ stage, style }) => `${stage} ${style}`)).toEqual(
      filmsControls.map((control) => `${control} reason`),
    );
    expect(comparisons.slice(24).map(({ from, to }) => [from, to])).toEqual(
      filmsControls.flatMap((control) => Array(4).fill([`${control}, reason`, "stage2, reason"])),
    );
    for (const control of filmsControls) {
      const manifest = runPlaces.manifest(join(folder, `work/runs/7-${control}`));
      const { plan } = await readRecord(manifest, runManifestSchema);
      expect(plan).toMatchObject({ kind: /labels|outcome/.test(control) ? "preference" : "sft" });
      expect("model" in plan && plan.model).toMatch(/2-stage1/);
    }
  });
});
