import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { wardCases, wardChain, wardQuestion } from "@mede2/data";
import { encodePng, openImageStore } from "@mede2/images";
import { type Candidates, writeJsonlAtomic } from "@mede2/schemas";
import { beforeAll, expect, it } from "vitest";
import { mede2, testFolder } from "../../test/run-cli.ts";
import { linesOf, randomModel, trainHere } from "../../test/tiny-world.ts";

// From sampled answers to the baselines of Stage II and to its forms without pairs: data, plan, run.

let cwd: string;
beforeAll(async () => {
  cwd = await testFolder();
  await randomModel(join(cwd, "model"));
  const store = openImageStore(join(cwd, ".mede2/images"));
  const candidates: Candidates[] = [];
  for (const [at, one] of wardCases({ split: "stage2", count: 6, seed: 0 }).entries()) {
    const image = await store.put(
      await encodePng({ width: 32, height: 32, channels: 1, data: new Uint8Array(1024).fill(at * 16) }),
    );
    const question = { ...wardQuestion(one, { form: "image" }), images: [image] };
    const right = wardChain(one, { seed: 1, alternative: true, check: true });
    const wrong = right.replaceAll(one.answer, one.options.find((option) => option !== one.answer)!);
    const traces = [right, wrong].map((text) =>
      makeTrace({
        ...{ question, text, by: { kind: "model" as const, name: "qwen" }, stage: "stage1" as const },
        ...{ images: "real" as const, promptHash: "b".repeat(64), sample: null, finish: "stop" as const },
        tokens: { prompt: 50, completion: 60 },
      }),
    );
    candidates.push({ record: "candidates", v: 1, question, traces, ratings: [] });
  }
  await writeJsonlAtomic(join(cwd, "s2.candidates.jsonl"), candidates);
  const scored = await mede2(["pairs", "score", "s2.candidates.jsonl", "--out", "rated.candidates.jsonl"], {
    cwd,
  });
  expect(scored.err).not.toContain("mede2:");
});

/** Makes a plan of a recipe, trains two steps of it, and gives the run's reply. */
async function trained(recipe: string, data: string) {
  const plan = `${recipe}.plan.json`;
  const argv = [
    "plan",
    recipe,
    "--model",
    "model",
    "--data",
    data,
    "--steps",
    "2",
    "--set",
    "batch.maxTokens=900",
  ];
  const made = await mede2([...argv, "--no-time", "--out", plan, "--json"], { cwd });
  expect(made.json(), made.err).toMatchObject({ valid: true, plan: { recipe } });
  const run = await mede2(["train", plan, "--out", `runs/${recipe}`, "--json"], {
    cwd,
    startTraining: trainHere,
  });
  return run.json<{ status: string; steps: number; loss: { first: number; last: number } }>();
}

it("answers one by one: mede2 pairs build --unpaired, then kto and bco", async () => {
  const argv = ["pairs", "build", "rated.candidates.jsonl", "--unpaired"];
  const built = await mede2([...argv, "--out", "s2.rated.jsonl", "--json"], { cwd });
  expect(built.json(), built.err).toMatchObject({
    desirable: 6,
    undesirable: 6,
    statisticsFile: "s2.statistics.json",
  });
  const kto = await trained("kto", "s2.rated.jsonl");
  expect(kto).toMatchObject({ status: "finished", steps: 2 });
  expect(kto.loss.first).toBeCloseTo(0.5, 3);
  const bco = await trained("bco", "s2.rated.jsonl");
  expect(bco.loss.first).toBeCloseTo(Math.log(2), 3);

  const sent = await mede2(["pairs", "export", "s2.rated.jsonl", "--to", "trl", "--out", "trl", "--json"], {
    cwd,
  });
  expect(sent.json()).toMatchObject({ answers: 12 });
  expect(await linesOf(join(cwd, "trl/s2.trl.jsonl"))).toContainEqual(
    expect.objectContaining({ label: true }),
  );

  const mixed = await mede2([...argv, "--margin", "0.1", "--out", "x.rated.jsonl"], { cwd });
  expect(mixed).toMatchObject({ code: 2 });
  expect(mixed.err).toContain("--margin is about pairs");
  const misnamed = await mede2([...argv, "--out", "x.pairs.jsonl"], { cwd });
  expect(misnamed.err).toContain("end with .rated.jsonl");
});

it("own answers: mede2 pairs best, then rejection-sampling", async () => {
  for (const by of ["right", "mmrp"]) {
    const argv = ["pairs", "best", "rated.candidates.jsonl", "--by", by, "--out", "own.demonstrations.jsonl"];
    const best = await mede2([...argv, "--json"], { cwd });
    expect(best.json(), best.err).toMatchObject({ written: 6, dropped: {} });
  }
  expect(await trained("rejection-sampling", "own.demonstrations.jsonl")).toMatchObject({
    status: "finished",
  });
});

it("right answers without reasoning: mede2 data direct, then direct-sft", async () => {
  const argv = ["data", "direct", "s2.candidates.jsonl", "--out", "direct.demonstrations.jsonl", "--json"];
  const direct = await mede2(argv, { cwd });
  expect(direct.json(), direct.err).toMatchObject({ written: 6, dropped: {} });
  expect(await trained("direct-sft", "direct.demonstrations.jsonl")).toMatchObject({ status: "finished" });
});

it("lists them, and says what a pattern of targets does not find", async () => {
  const { recipes } = (await mede2(["plan", "--json"], { cwd })).json<{
    recipes: { name: string; data: string }[];
  }>();
  expect(recipes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "rejection-sampling", data: "*.demonstrations.jsonl" }),
      expect.objectContaining({ name: "direct-sft" }),
      expect.objectContaining({ name: "kto", data: "*.rated.jsonl" }),
      expect.objectContaining({ name: "bco" }),
    ]),
  );
  const lora = 'lora={"rank":4,"alpha":8,"dropout":0,"targets":["model.layers.*.query"]}';
  const argv = ["plan", "kto.plan.json", "--set", lora, "--no-time", "--json"];
  const { code, out } = await mede2(argv, { cwd });
  expect(code).toBe(2);
  expect(out).toContain('\\"model.layers.*.query\\" names no linear layer');
  expect(out).toContain("q_proj");
});
