import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listRuns } from "@mede2/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));
type Recipes = typeof import("../src/index.ts");

/** The demo starts a child process, which runs the built package. */
describe.skipIf(!existsSync(built))(
  "the demo from end to end, with very little of everything (needs a build)",
  () => {
    let folder = "";
    let recipes: Recipes;
    const amounts = { demonstrations: 48, epochs: 1, cases: 12, samples: 3, heldOut: 12, development: 6 };
    const settings = (onProgress: (step: string) => void = () => {}, signal?: AbortSignal) => ({
      workspace: folder,
      quick: true,
      seed: 3,
      threads: 1,
      amounts,
      code: { version: "0.1.0", commit: "0".repeat(40), dirty: false },
      onProgress: ({ step }: { step: string }) => onProgress(step),
      ...(signal === undefined ? {} : { signal }),
    });

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "mede2-demo-"));
      recipes = (await import(built)) as Recipes;
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it("stops when asked, and goes on where it stood to a whole report", async () => {
      const stop = new AbortController();
      await expect(
        recipes.runDemo(settings((step) => step === "sampling" && stop.abort(), stop.signal)),
      ).rejects.toThrow();
      const stage1 = join(folder, "runs/1-stage1/checkpoints");
      const before = await stat(join(stage1, (await readdir(stage1))[0]!, "model.safetensors"));
      const report = await recipes.runDemo(settings());
      const after = await stat(join(stage1, (await readdir(stage1))[0]!, "model.safetensors"));
      expect(after.mtimeMs).toBe(before.mtimeMs);
      for (const set of [report, report.byCase])
        for (const stage of ["base", "stage1", "stage2"] as const)
          for (const condition of ["real", "blank", "swapped"] as const) {
            const { correct, n, low, high } = set.models[stage][condition];
            expect(n).toBe(amounts.heldOut);
            expect(low).toBeLessThanOrEqual(correct / n);
            expect(high).toBeGreaterThanOrEqual(correct / n);
          }
      expect(JSON.parse(await readFile(join(folder, "report.json"), "utf8"))).toEqual(report);
      const runs = await listRuns(folder);
      expect(runs.every(({ status }) => status === "finished")).toBe(true);
      expect(runs.length).toBe(4 + 6);
    }, 240_000);

    it("gives the same numbers again, without doing anything twice", async () => {
      const first = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as { models: unknown };
      const again = await recipes.runDemo(settings());
      expect(again.models).toEqual(first.models);
    }, 120_000);
  },
);
