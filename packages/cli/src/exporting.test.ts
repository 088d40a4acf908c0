import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chatMessage } from "@mede2/llm";
import { openLocalModel } from "@mede2/trainer";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { randomModel, trainHere, wardFolder, writeTrainingPlan } from "../test/tiny-world.ts";

let cwd: string;
const lora = { rank: 2, alpha: 4, targets: ["q_proj", "v_proj"], dropout: 0 };
const train = async (id: string, more: Parameters<typeof writeTrainingPlan>[3]) => {
  await writeTrainingPlan(cwd, join(cwd, `${id}.plan.json`), 2, more);
  const argv = ["train", `${id}.plan.json`, "--out", `runs/${id}`, "--json"];
  const { code, err } = await mede2(argv, { cwd, startTraining: trainHere });
  expect(err).not.toContain("mede2:");
  expect(code).toBe(0);
};

beforeAll(async () => {
  cwd = await testFolder();
  await randomModel(join(cwd, "model"));
  await writeFile(join(cwd, "model/README.md"), "---\nlicense: cc-by-4.0\n---\n");
  await train("full", { freeze: ["visual."] });
  await train("lora", { freeze: ["visual."], lora, model: "runs/full/checkpoints/step-0000002" });
});

/** The fields of a card's front matter, whose values are JSON. */
const frontMatter = (card: string): Record<string, unknown> =>
  Object.fromEntries(
    card
      .split("---\n")[1]!
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(": ")), JSON.parse(line.slice(line.indexOf(": ") + 2))]),
  );

const scores = async (model: string, adapter?: string) => {
  const local = await openLocalModel({
    ...{ model: join(cwd, model), threads: 1, imageStore: join(cwd, ".mede2/images") },
    ...(adapter === undefined ? {} : { adapter: join(cwd, adapter) }),
  });
  try {
    const messages = [chatMessage("user", "Which drug?")];
    const [reply] = await local.logProbs([{ messages, completion: "left effusion" }]);
    return reply!.logProb;
  } finally {
    await local.close();
  }
};

describe("export", () => {
  it("writes a model with a card that tells where it comes from", async () => {
    const ran = await mede2(["export", "full", "out/full", "--json"], { cwd });
    expect(ran.err).toBe("");
    const { path, bytes, licence } = ran.json<{ path: string; bytes: number; licence: string }>();
    expect(path).toBe(join(cwd, "out/full"));
    expect(licence).toBe("cc-by-4.0");
    const names = await readdir(path);
    expect(names).toEqual(expect.arrayContaining(["README.md", "config.json", "tokenizer.json"]));
    expect(names).not.toContain("trainer");
    expect(bytes).toBeGreaterThan(4e6);
    const card = await readFile(join(path, "README.md"), "utf8");
    expect(frontMatter(card)).toMatchObject({
      ...{ license: "cc-by-4.0", base_model: "model", base_model_relation: "finetune", datasets: ["ward"] },
      ...{ library_name: "transformers", pipeline_tag: "image-text-to-text" },
      tags: expect.arrayContaining(["medical", "research-only", "sft"]),
    });
    for (const part of [
      "For research only",
      "not a medical device",
      "Not evaluated",
      "Not measured",
      "| ward | stage1 | 6 |",
    ])
      expect(card).toContain(part);
    expect(card).not.toContain(cwd);
    expect(await scores("out/full")).toBeCloseTo(await scores("runs/full/checkpoints/step-0000002"), 5);
    const again = await mede2(["export", "full", "out/full"], { cwd });
    expect(again.code).toBe(2);
    expect(again.err).toContain("exists already");
    expect((await mede2(["export", "full", "out/x", "--merge"], { cwd })).err).toContain(
      "there is no adapter",
    );
  });

  it("writes an adapter alone, or merged into its base", async () => {
    const unnamed = await mede2(["export", "lora", "out/unnamed"], { cwd });
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toContain("a checkpoint of a run, which nobody else has");
    const adapter = await mede2(["export", "lora", "out/adapter", "--base-model", "org/base", "--json"], {
      cwd,
    });
    expect(adapter.json()).toMatchObject({ form: "adapter" });
    const config = JSON.parse(await readFile(join(cwd, "out/adapter/adapter_config.json"), "utf8"));
    expect(config).toMatchObject({ base_model_name_or_path: "org/base", r: 2 });
    const card = await readFile(join(cwd, "out/adapter/README.md"), "utf8");
    expect(frontMatter(card)).toMatchObject({
      ...{ base_model: "org/base", base_model_relation: "adapter", library_name: "peft" },
    });
    // both stages stand in the card
    expect(card).toMatch(/\| full \| sft [\s\S]*\| lora \| sft /);
    const merged = await mede2(["export", "lora", "out/merged", "--merge", "--json"], { cwd });
    expect(merged.json()).toMatchObject({ form: "model" });
    const base = "runs/full/checkpoints/step-0000002";
    const expected = await scores(base, "runs/lora/checkpoints/step-0000002");
    expect(await scores("out/merged")).toBeCloseTo(expected, 4);
    expect(await scores(base, "out/adapter")).toBeCloseTo(expected, 4);
    expect(expected).not.toBeCloseTo(await scores(base), 4);
    const half = ["export", "lora", "out/half", "--merge", "--dtype", "bfloat16", "--json"];
    const small = (await mede2(half, { cwd })).json<{ bytes: number }>().bytes;
    expect(small).toBeLessThan(0.6 * merged.json<{ bytes: number }>().bytes);
    expect(await scores("out/half")).toBeCloseTo(expected, 0);
  });

  it("puts an evaluation with intervals and image dependence into the card", async () => {
    await wardFolder(join(cwd, "source"));
    const data = "data/test.questions.jsonl";
    await mede2(["data", "import", "ward", "source", "--split", "test-case", "--out", data], { cwd });
    const run = [
      ...["eval", "run", "--model", "runs/full/checkpoints/step-0000002", "--data", data, "--task", "ward"],
      ...[
        "--out",
        "evaluations/full",
        "--images",
        "real,blank,swapped",
        "--threads",
        "1",
        "--max-tokens",
        "4",
      ],
    ];
    expect((await mede2(run, { cwd })).code).toBe(0);
    const ran = await mede2(["export", "full", "out/evaluated", "--eval", "evaluations/full"], { cwd });
    expect(ran.code).toBe(0);
    const card = await readFile(join(cwd, "out/evaluated/README.md"), "utf8");
    expect(card).toMatch(/\| ward \| [^|]+ \| real \| 0\.0 % \\\[0\.0, [\d.]+\\\] \| 4 \|/);
    expect(card).toMatch(/\| ward \| swapped \| [+−]0\.0 \\\[/);
    expect((await mede2(["export", "full", "out/y", "--eval", "data"], { cwd })).code).toBe(2);
  });

  it("sets names of others as plain text", async () => {
    const { modelCard } = await import("./export/model-card.ts");
    const { lineageOf } = await import("./export/run-lineage.ts");
    const lineage = await lineageOf(join(cwd, "runs/full"), cwd);
    const [run] = lineage.runs;
    const evil = "x |\n```\n# Safe for patients\n<script>alert(1)</script> [a](http://b)";
    const card = modelCard({
      ...{ name: evil, form: "model", base: evil, licence: evil, seesImages: false, dtype: "float32" },
      ...{ checkpoint: "c", evaluations: [], version: "1" },
      lineage: {
        ...lineage,
        runs: [{ ...run!, sources: [{ ...run!.sources[0]!, source: evil, licence: evil }] }],
      },
    });
    expect(card).not.toMatch(/^# Safe/m);
    const prose = card.replace(/^---[\s\S]*?^---$/m, "").replace(/^(`{3,})\w+\n[\s\S]*?^\1$/gm, "");
    expect(prose).toContain("Safe for patients");
    expect(prose).not.toMatch(/[^\\]<script>|[^\\]\[a/);
    expect(frontMatter(card)).toMatchObject({
      license: "other",
      license_name: evil,
      pipeline_tag: "text-generation",
    });
    expect(frontMatter(card)).not.toHaveProperty("datasets");
  });
});
