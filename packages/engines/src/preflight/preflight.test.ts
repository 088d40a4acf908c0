import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePng, openImageStore } from "@mede2/images";
import { modelKeys, readModelConfig, writePeftFolder } from "@mede2/nn";
import type { PreferencePair, TrainingPlan } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SampleWorld, writeSampleWorld } from "../../test/sample-world.mjs";
import { loraModulesOf } from "../emit/lora-targets.ts";
import { engineOf } from "../engines.ts";
import { productNorm } from "./adapter-effect.ts";
import { preflight } from "./preflight.ts";
import { preflightReport } from "./report.ts";

const tiny = fileURLToPath(new URL("../../../recipes/models/tiny", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "mede2-preflight-"));
const workspace = join(root, "world");
const context = { workspace, imageStore: ".mede2/images" };
let world: SampleWorld;
beforeAll(async () => {
  world = await writeSampleWorld(workspace, tiny, {
    demonstrations: 6,
    pairs: 4,
    heldOut: 2,
    weights: false,
  });
});
afterAll(() => rmSync(root, { recursive: true }));

const target = { targetModel: "/models/published-tiny" };
const stage1 = (more: Partial<TrainingPlan> = {}) =>
  world.stage1Plan("ms-swift", { settings: target, ...more });
const stage2 = (more: Partial<TrainingPlan> = {}) =>
  world.stage2Plan("ms-swift", { settings: target, ...more });
const of = async (plan: TrainingPlan, where = context) => {
  const { findings } = await preflight(plan, plan.engine, where);
  const codes = (level: string) => findings.filter((each) => each.level === level).map(({ code }) => code);
  return { findings, errors: codes("error"), warnings: codes("warning") };
};
/** The plan on a copy of its first data file with its lines changed. */
function changed(
  plan: TrainingPlan,
  name: string,
  change: (record: PreferencePair, index: number) => unknown,
): TrainingPlan {
  const [first, ...rest] = plan.data;
  const lines = readFileSync(join(workspace, first!.path), "utf8").trim().split("\n");
  const text = lines.map((line, index) => JSON.stringify(change(JSON.parse(line) as PreferencePair, index)));
  const path = `data/${name}.jsonl`;
  writeFileSync(join(workspace, path), `${text.join("\n")}\n`);
  return { ...plan, data: [{ ...first!, path }, ...rest] };
}

describe("a sound plan", () => {
  it("passes on every engine, with what one should know", async () => {
    expect((await of(stage1())).errors).toEqual([]);
    for (const engine of ["ms-swift", "llama-factory", "trl"] as const) {
      const found = await of(world.stage2Plan(engine, { settings: target }));
      expect([engine, found.errors]).toEqual([engine, []]);
      expect(found.warnings).toContain("reference-base");
    }
    const { estimate } = await preflight(stage1(), "ms-swift", context);
    expect(estimate).toMatchObject({ steps: 8 });
  });
});

describe("what an engine cannot honour", () => {
  it.each<[string, Partial<TrainingPlan>, string]>([
    [
      "muon",
      { optimiser: { name: "muon", betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 } },
      "optimiser",
    ],
    ["averages of weights", { ema: { decay: 0.99 } }, "ema"],
    ["webgpu", { device: "webgpu" }, "device"],
    [
      "samples while training",
      { batch: { size: 2, accumulation: 1, maxTokens: 700, sampleEvery: 2 } },
      "sample-every",
    ],
    [
      "a batch that three processes cannot share",
      { launcher: { name: "local", processesPerNode: 3 } as { name: "local" } },
      "batch-split",
    ],
    [
      "layers that are not there",
      { lora: { rank: 8, alpha: 16, targets: ["c_attn"], dropout: 0 } },
      "lora-targets",
    ],
    [
      "NF4 on a CPU",
      { lora: { rank: 8, alpha: 16, targets: ["q_proj"], dropout: 0, base: "nf4" } },
      "quantisation",
    ],
    ["a setting that nobody knows", { settings: { ...target, colour: "red" } }, "setting"],
    ["parts of layers computed anew", { settings: { ...target, recompute: "cheap" } }, "setting"],
    ["half a turn", { settings: { ...target, wholeTurn: false } }, "setting"],
    ["an unknown precision", { settings: { ...target, precision: "int3" } }, "setting"],
    [
      "a linear schedule with a floor",
      { schedule: { name: "linear", learningRate: 1e-3, minLearningRate: 1e-4, steps: 4 } },
      "schedule",
    ],
  ])("%s", async (_, more, code) => {
    expect((await of(stage1(more))).errors).toContain(code);
  });

  it("what is seldom meant: bfloat16 weights without a float32 copy, and odd rates", async () => {
    const { lora: _, ...full } = stage1({ device: "cuda" });
    expect((await of(full)).warnings).toContain("bfloat16-weights");
    const shared = { ...full, settings: { ...target, parallelism: "zero2" } };
    expect((await of(shared)).warnings).not.toContain("bfloat16-weights");
    expect((await of(shared)).warnings).toContain("learning-rate"); // 1e-3 in full
    expect((await of(stage2({ loss: { name: "dpo", beta: 5 } }))).warnings).toContain("beta");
  });

  it.each<[string, TrainingPlan["loss"]]>([
    ["ipo (it crashes)", { name: "ipo", beta: 0.1 }],
    ["simpo", { name: "simpo", beta: 2 }],
    ["kto", { name: "kto", beta: 0.1 }],
    ["a beta that changes", { name: "dpo", beta: 0.1, betaEnd: 0.2 }],
    ["log-ratios per token", { name: "dpo", beta: 0.1, normalised: true }],
  ])("the loss %s", async (_, loss) => {
    expect((await of(stage2({ loss }))).errors).toContain("loss");
  });

  it("ids of image tokens that ms-swift takes for granted", async () => {
    const own = join(root, "own-ids");
    cpSync(workspace, own, { recursive: true });
    for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
      copyFileSync(join(tiny, name), join(own, "model", name));
    const found = await of(stage1(), { ...context, workspace: own });
    expect(found.errors).toContain("image-token");
    expect(found.errors).toContain("template-hash");
  });
});

describe("what is wrong with data", () => {
  it("pairs: equal answers, unequal weights, and an empty answer", async () => {
    const equal = changed(stage2(), "equal", (pair, index) =>
      index === 1 ? { ...pair, rejected: { ...pair.rejected, text: ` ${pair.chosen.text}` } } : pair,
    );
    expect((await of(equal)).errors).toContain("pair-equal");
    const weighted = changed(stage2(), "weighted", (pair, index) => ({ ...pair, weight: 1 + index }));
    expect((await of(weighted)).errors).toEqual(["pair-weights"]);
    const allowed = await of({ ...weighted, settings: { ...target, pairWeights: "ignore" } });
    expect(allowed.errors).toEqual([]);
    const empty = changed(stage2(), "empty", (pair) => ({
      ...pair,
      rejected: { ...pair.rejected, text: "" },
    }));
    expect((await of(empty)).errors).toContain("answer-empty");
  });

  it("rows: too long, told once with their number", async () => {
    const plan = stage1();
    const found = await of({ ...plan, batch: { ...plan.batch, maxTokens: 60 } });
    expect(found.findings.find(({ code }) => code === "too-long")).toMatchObject({
      level: "error",
      count: 8,
    });
  });

  it("pictures: missing, changed, of another size", async () => {
    const bare = { ...context, imageStore: "nowhere" };
    expect((await of(stage2(), bare)).errors).toContain("image-missing");
    const torn = join(root, "torn");
    cpSync(workspace, torn, { recursive: true });
    const [pair] = readFileSync(join(torn, "data/stage2.pairs.jsonl"), "utf8").split("\n");
    const { sha256 } = (JSON.parse(pair!) as PreferencePair).question.images[0]!;
    const file = join(torn, ".mede2/images", sha256.slice(0, 2), `${sha256}.png`);
    writeFileSync(file, readFileSync(file).subarray(0, 60));
    expect((await of(stage2(), { ...context, workspace: torn })).errors).toContain("image-unreadable");
    const sized = changed(stage2(), "sized", (each) => {
      const images = each.question.images.map((image) => ({ ...image, width: image.width + 1 }));
      return { ...each, question: { ...each.question, images } };
    });
    expect((await of(sized)).errors).toContain("image-size");
  });

  it("reasoning that the template strips", async () => {
    const stripped = join(root, "stripped");
    cpSync(workspace, stripped, { recursive: true });
    const file = join(stripped, "model/chat_template.jinja");
    const text = readFileSync(file, "utf8").replace(
      "{{ part.text }}",
      "{{ part.text.split('</think>')[-1] }}",
    );
    writeFileSync(file, text);
    expect((await of(stage1(), { ...context, workspace: stripped })).errors).toContain("thinking-changed");
  });

  it("duplicates, leaks and licences", async () => {
    const leaking = changed(stage1(), "leak", (each) => each);
    const [first, second] = leaking.data;
    const found = await of({ ...leaking, data: [first!, { ...first!, split: "dev" }, second!] });
    expect(found.errors).toContain("leak-question");
    const twice = await of({ ...leaking, data: [first!, first!] });
    expect(twice.warnings).toContain("duplicate");
    const bound = changed(stage1(), "licence", (each) => ({
      ...each,
      question: { ...each.question, licence: "unknown" },
    }));
    expect((await of(bound)).warnings).toContain("licence");
  });

  it("near duplicates: among what is learnt, and across the split", async () => {
    const again = changed(stage1(), "near", (each, index) => {
      const question = { ...each.question, id: `ward:near-${index}`, stem: `${each.question.stem} Say why.` };
      const { trace } = each as unknown as { trace: { questionId: string } };
      return { ...each, question, trace: { ...trace, questionId: question.id } };
    });
    const [first] = stage1().data;
    const both = await of({ ...again, data: [first!, again.data[0]!] });
    expect(both.warnings).toContain("near-duplicate");
    const across = await of({ ...again, data: [first!, { ...again.data[0]!, split: "dev" }] });
    expect(across.warnings).toContain("leak-near-question");
    expect(across.warnings).not.toContain("near-duplicate");
  });

  it("near duplicates: a picture that was encoded anew on the other side of the split", async () => {
    const store = openImageStore(join(workspace, ".mede2/images"));
    const lines = readFileSync(join(workspace, "data/stage2.pairs.jsonl"), "utf8").trim().split("\n");
    const [image] = (JSON.parse(lines[0]!) as PreferencePair).question.images;
    const pixels = await store.pixels(image!);
    const data = Uint8Array.from(pixels.data, (value) => Math.min(255, value + 1));
    const brighter = await store.put(await encodePng({ ...pixels, data }));
    const anew = changed(stage2(), "anew", (pair, index) => ({
      ...pair,
      question: { ...pair.question, images: index === 0 ? [brighter] : pair.question.images },
    }));
    const found = await of({ ...anew, data: [stage2().data[0]!, { ...anew.data[0]!, split: "dev" }] });
    expect(found.findings.find(({ code }) => code === "leak-near-image")).toMatchObject({
      message: expect.stringContaining(brighter.sha256.slice(0, 12)),
    });
  });

  it("a line that is none, and a wrong kind of record", async () => {
    const plan = stage1();
    writeFileSync(join(workspace, "data/broken.jsonl"), '{"record": "demonstr\n');
    const broken = await of({ ...plan, data: [{ ...plan.data[0]!, path: "data/broken.jsonl" }] });
    expect(broken.findings.map(({ message }) => message).join()).toMatch(/broken\.jsonl:1/);
    expect((await of({ ...plan, data: stage2().data })).errors).toContain("wrong-record");
  });
});

describe("the adapter", () => {
  const { lora } = { lora: { rank: 2, alpha: 4, targets: ["q_proj"] } };
  async function adapter(name: string, value: number) {
    const config = readModelConfig(JSON.parse(readFileSync(join(workspace, "model/config.json"), "utf8")));
    const keys = modelKeys(config);
    const modules = loraModulesOf(config, lora.targets).map((module) => {
      const [outputs, inputs] = keys.get(`${module}.weight`) as readonly [number, number];
      const filled = (shape: [number, number], each: number) => ({
        ...{ dtype: "F32" as const, shape },
        data: new Float32Array(shape[0] * shape[1]).fill(each),
      });
      return [module, { a: filled([2, inputs], 0.5), b: filled([outputs, 2], value) }] as const;
    });
    const baseModel = "model";
    await writePeftFolder(join(workspace, name), { lora, dropout: 0, baseModel, config, modules });
    return stage2({ adapter: name, lora: { ...lora, dropout: 0 } });
  }

  it("changes the logits, or is told to be empty or broken", async () => {
    const sound = await of(await adapter("stage1-sound", 0.25));
    expect(sound.errors).toEqual([]);
    expect(sound.findings.find(({ code }) => code === "adapter-effect")?.message).toMatch(/2 of 2 layers/);
    expect((await of(await adapter("stage1-empty", 0))).errors).toEqual(["adapter-empty"]);
    expect((await of(await adapter("stage1-nan", Number.NaN))).errors).toEqual(["adapter-not-finite"]);
  });

  it("by the norm of its product", () => {
    const a = Float32Array.from([1, 2, 3, -1, 0, 2]); // 2 × 3
    const b = Float32Array.from([1, 0, 2, 1, -1, 3, 0, 1]); // 4 × 2
    // B·A = [[1,2,3],[1,4,8],[-4,-2,3],[-1,0,2]]
    expect(productNorm(a, b, 2)).toBeCloseTo(Math.sqrt(1 + 4 + 9 + 1 + 16 + 64 + 16 + 4 + 9 + 1 + 4), 6);
  });
});

describe("what it needs", () => {
  it("is compared with the GPUs that the plan declares", async () => {
    const cuda = { device: "cuda" as const, settings: { ...target, gpu: "rtx-4090" } };
    const found = await of(stage1(cuda));
    expect(found.errors).toEqual([]);
    expect(found.findings.find(({ code }) => code === "memory")?.message).toMatch(
      /GiB on each rtx-4090 of 24 GiB/,
    );
    const huge = stage1({
      ...cuda,
      batch: { size: 512, accumulation: 1, maxTokens: 700, checkpointEvery: 4 },
    });
    expect((await of(huge)).errors).toEqual(["memory"]);
    expect((await of(stage1({ ...cuda, settings: { ...target, gpu: "gtx-970" } }))).errors).toEqual(["gpu"]);
  });
});

it("an engine that is not here is told", async () => {
  const nowhere = { ...context, engineDir: join(root, "no-environment") };
  const { findings, estimate } = await engineOf("ms-swift").preflight(stage1(), nowhere);
  expect(findings[0]).toMatchObject({ level: "error", code: "not-installed" });
  expect(estimate).toBeUndefined();
});

it("the report says first what must be mended", async () => {
  const found = await of(stage2({ loss: { name: "ipo", beta: 0.1 } }));
  const report = preflightReport(found.findings, "stage2.plan.json");
  expect(report).toMatch(/^# Preflight of stage2\.plan\.json\n\n1 thing keeps this run from being started\./);
  expect(report).toMatch(/ {2}→ use dpo, or trl/);
});
