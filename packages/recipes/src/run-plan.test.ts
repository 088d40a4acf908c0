import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPlaces } from "@mede2/runs";
import { type RunManifest, sha256Hex, type TrainingPlan } from "@mede2/schemas";
import { startTraining } from "@mede2/trainer";
import { expect, it, vi } from "vitest";
import { embeddedPlan } from "./plan-parts.ts";
import { runPlan } from "./run-plan.ts";

vi.mock("@mede2/trainer", async (original) => ({
  ...(await original<typeof import("@mede2/trainer")>()),
  startTraining: vi.fn(),
}));

const plan: TrainingPlan = embeddedPlan({
  ...{ kind: "sft", recipe: "custom", model: "model", seed: 1, threads: 1 },
  data: [{ path: "x.demonstrations.jsonl", sha256: sha256Hex(""), split: "x", promptStyle: "reason" }],
  ...{ templateHash: "0".repeat(64), pixels: { min: 784, max: 784 }, loss: { name: "cross-entropy" } },
  schedule: { name: "cosine", learningRate: 1e-4, minLearningRate: 1e-5, warmupSteps: 1, epochs: 1 },
  batch: { size: 1, accumulation: 1, maxTokens: 64, checkpointEvery: 10, keepCheckpoints: 1 },
});

it("starts no training that was asked to stop while its run was made; the run is there to be started again", async () => {
  const workspace = mkdtempSync(join(tmpdir(), "mede2-run-plan-"));
  writeFileSync(join(workspace, "x.demonstrations.jsonl"), "");
  const code: RunManifest["code"] = { version: "0.1.0" };
  const stop = new AbortController();
  const running = runPlan({ workspace, id: "early", plan, code, signal: stop.signal });
  stop.abort();
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(startTraining).not.toHaveBeenCalled();
  expect(existsSync(runPlaces.manifest(join(workspace, "runs", "early")))).toBe(true);
});
