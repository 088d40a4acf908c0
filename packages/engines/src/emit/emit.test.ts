import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { trainingPlanSchema } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SampleWorld, writeSampleWorld } from "../../test/sample-world.mjs";
import type { EmittedRun } from "../engine.ts";
import { engineOf } from "../engines.ts";
import { quotedYaml } from "./yaml.ts";

const tiny = fileURLToPath(new URL("../../../recipes/models/tiny", import.meta.url));
const workspace = mkdtempSync(join(tmpdir(), "mede2-emit-"));
let world: SampleWorld;
beforeAll(async () => {
  world = await writeSampleWorld(workspace, tiny, {
    demonstrations: 6,
    pairs: 4,
    heldOut: 1,
    weights: false,
  });
});
afterAll(() => rmSync(workspace, { recursive: true }));
const context = () => ({ workspace, imageStore: ".mede2/images" });
const target = { targetModel: "/models/published-tiny" };

/** Everything that was emitted, with the places of this machine replaced: configurations whole, of data the first two rows, of other files the size. */
function snapshot(dir: string, home = workspace): Record<string, unknown> {
  const files: Record<string, unknown> = {};
  const text = (path: string) =>
    readFileSync(join(dir, path), "utf8").replaceAll(dir, "DIR").replaceAll(home, "WORKSPACE");
  const visit = (below: string) => {
    for (const name of readdirSync(join(dir, below)).sort()) {
      const path = below === "" ? name : `${below}/${name}`;
      if (statSync(join(dir, path)).isDirectory()) visit(path);
      else if (path === "emitted.json") {
        const run = JSON.parse(text(path)) as EmittedRun;
        files[path] = { ...run, files: run.files.map((file) => file.path) };
      } else if (path.endsWith(".jsonl")) files[path] = text(path).split("\n").slice(0, 2);
      else if (path.endsWith(".json")) files[path] = JSON.parse(text(path));
      else if (path.endsWith(".yaml")) files[path] = text(path).split("\n");
      else if (path.endsWith(".py")) files[path] = "the driver";
      else files[path] = statSync(join(dir, path)).size;
    }
  };
  visit("");
  return files;
}

describe("emitted files", () => {
  const stage2 = { settings: target, adapter: "stage1" };
  it.each([
    ["ms-swift-sft", () => world.stage1Plan("ms-swift", { settings: target })],
    ["ms-swift-dpo", () => world.stage2Plan("ms-swift", stage2)],
    [
      "ms-swift-mpo-qlora-cluster",
      () =>
        world.stage2Plan("ms-swift", {
          ...stage2,
          device: "cuda",
          loss: { name: "mpo", beta: 0.1 },
          lora: { ...world.stage2Plan("ms-swift").lora!, base: "nf4" },
          batch: { size: 1, accumulation: 16, maxTokens: 700, checkpointEvery: 2 },
          launcher: { name: "slurm", nodes: 2, gpusPerNode: 4, time: "1:00:00" } as { name: "slurm" },
        }),
    ],
    [
      "ms-swift-full-wsd",
      () => {
        const { lora: _, ...plan } = world.stage1Plan("ms-swift", {
          settings: { ...target, recompute: true },
        });
        return {
          ...plan,
          schedule: {
            name: "wsd" as const,
            learningRate: 1e-5,
            warmupRatio: 0.1,
            decayRatio: 0.25,
            epochs: 2,
          },
        };
      },
    ],
    ["llama-factory-sft", () => world.stage1Plan("llama-factory", { settings: target })],
    [
      "llama-factory-mpo",
      () => world.stage2Plan("llama-factory", { ...stage2, loss: { name: "mpo", beta: 0.1 } }),
    ],
    ["trl-sft", () => world.stage1Plan("trl", { settings: target })],
    [
      "trl-dpo-nll",
      () => world.stage2Plan("trl", { ...stage2, loss: { name: "dpo", beta: 0.1, nllWeight: 1 } }),
    ],
  ] as const)("%s", async (name, plan) => {
    const dir = join(workspace, name, "engine");
    const made = trainingPlanSchema.parse(plan());
    await engineOf(made.engine).emit(made as ReturnType<typeof plan>, dir, context());
    await expect(`${JSON.stringify(snapshot(dir), null, 1)}\n`).toMatchFileSnapshot(
      `../../test/goldens/${name}.json`,
    );
  });

  it("ms-swift-internvl-zero3", async () => {
    const workspace = mkdtempSync(join(tmpdir(), "mede2-emit-internvl-"));
    const settings = { weights: false, family: "internvl", demonstrations: 2, pairs: 2, heldOut: 1 } as const;
    const { stage2Plan } = await writeSampleWorld(workspace, tiny, settings);
    const dir = join(workspace, "run", "engine");
    const plan = stage2Plan("ms-swift", {
      ...{ device: "cuda", settings: { ...target, parallelism: "zero3", recompute: true } },
      ...{ adapter: "stage1", loss: { name: "mpo", beta: 0.1 } },
      launcher: { name: "slurm", gpusPerNode: 2, time: "1:00:00" } as { name: "slurm" },
    });
    await engineOf("ms-swift").emit(plan, dir, { workspace, imageStore: ".mede2/images" });
    const golden = `${JSON.stringify(snapshot(dir, workspace), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot("../../test/goldens/ms-swift-internvl-zero3.json");
    rmSync(workspace, { recursive: true });
  });

  it("go with their pictures and adapter to another machine", async () => {
    const dir = join(workspace, "away", "engine");
    const plan = world.stage2Plan("ms-swift", { settings: target });
    const run = await engineOf("ms-swift").emit(plan, dir, { ...context(), targetDir: "/scratch/run 1" });
    expect(run.command.at(-1)).toBe("/scratch/run 1/train.yaml");
    const rows = readFileSync(join(dir, "data/train.jsonl"), "utf8").trim().split("\n");
    const { images } = JSON.parse(rows[0]!) as { images: string[] };
    expect(images[0]).toMatch(/^\/scratch\/run 1\/images\/[0-9a-f]{64}\.png$/);
    expect(statSync(join(dir, "images", images[0]!.split("/").at(-1)!)).size).toBeGreaterThan(100);
    for (const file of run.files) expect(statSync(join(dir, file.path)).size).toBe(file.bytes);
  });

  it("are no files below a path that engines would read as a pattern", async () => {
    const plan = world.stage1Plan("ms-swift", { settings: target });
    const dir = join(workspace, "seeds [1-3]", "engine");
    await expect(engineOf("ms-swift").emit(plan, dir, context())).rejects.toMatchObject({ code: "path" });
    expect(() => statSync(dir)).toThrow();
  });

  it("are no files where a row cannot be learnt from", async () => {
    const plan = world.stage1Plan("ms-swift", { settings: target });
    plan.batch = { ...plan.batch, maxTokens: 20 };
    const dir = join(workspace, "short", "engine");
    await expect(engineOf("ms-swift").emit(plan, dir, context())).rejects.toThrow(
      /demonstrations.jsonl:1: \d+ tokens/,
    );
    expect(() => statSync(dir)).toThrow();
  });
});

describe("quoted YAML", () => {
  it("says the same to every reader, whatever a path holds", () => {
    const text = quotedYaml({ path: `/a: b#c "d" 'e' \\f\u0085`, list: ["0.8", "yes"], map: { A: "null" } });
    expect(text).toBe(`path: "/a: b#c \\"d\\" 'e' \\\\f\\u0085"\nlist: ["0.8", "yes"]\nmap: {"A": "null"}\n`);
  });
});
