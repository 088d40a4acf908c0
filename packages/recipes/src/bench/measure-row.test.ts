import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LineWorker, type Reply, startLineWorker } from "./line-worker.ts";
import { compareSteps, measureRow } from "./measure-row.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-bench-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A worker in a real process that answers each step with `reply`, and ends at the step `until`. */
async function worker(name: string, reply: object, until = 1e9, signal?: AbortSignal): Promise<LineWorker> {
  const script = join(folder, `${name}.mjs`);
  await writeFile(
    script,
    `import { createInterface } from "node:readline";
const say = (value) => console.log(JSON.stringify(value));
say({ event: "ready", versions: { ${name}: "1" } });
let steps = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "quit") break;
  if (steps++ === ${until}) { console.error("out of memory"); process.exit(3); }
  say({ event: "step", ...${JSON.stringify(reply)} });
}
process.stdin.destroy();`,
  );
  return startLineWorker(name, process.execPath, [script], signal);
}

const step = (seconds: number, more: object = {}) => ({
  seconds,
  loss: 2,
  gradientNorm: 1,
  supervisedTokens: 100,
  ...more,
});
const gemm = { seconds: 0.01, flops: 1e9 };
const limits = { least: 6, most: 6, seconds: 0 };

describe("a row of the bench", () => {
  it("compares rates of the same work, and what the work needs with what the machine reaches", async () => {
    const workers = {
      ours: await worker("ours", step(0.5)),
      theirs: await worker("theirs", step(0.75)),
      gemm: await worker("gemm", gemm),
    };
    const row = await measureRow(workers, [2e10], "supervisedTokens", "float32", limits, () => 0);
    expect(row).toMatchObject({ ours: 200, rounds: 6, agreement: { kind: "loss", difference: 0 } });
    expect(row.ratio).toBeCloseTo(1.5, 12);
    expect(row.ratioInterval[0]).toBeCloseTo(1.5, 12);
    expect(row.floorShare).toBeCloseTo(0.4, 12); // 40 of 100 GFLOPS
    expect(row.memoryBytes.ours).toBeGreaterThan(10 * 2 ** 20);
    await Promise.all(Object.values(workers).map((each) => each.quit()));
  });

  it("says what a worker said last when it dies", async () => {
    const workers = {
      ours: await worker("ours", step(0.5)),
      theirs: await worker("theirs", step(0.5), 2),
      gemm: await worker("gemm", gemm),
    };
    const failing = measureRow(workers, [1], "supervisedTokens", "float32", limits, () => 0);
    await expect(failing).rejects.toMatchObject({
      code: "worker-failed",
      message: "theirs: ended with code 3 instead of answering",
      next: expect.stringContaining("out of memory"),
    });
    await Promise.all(Object.values(workers).map((each) => each.quit()));
  });

  it("names a program that is not there", async () => {
    const missing = startLineWorker("peer", join(folder, "no-python"), []);
    await expect(missing).rejects.toMatchObject({ code: "worker-failed" });
  });

  it("ends its processes when it is stopped", async () => {
    const stop = new AbortController();
    const ours = await worker("ours", step(0.5), 1e9, stop.signal);
    stop.abort(new Error("stopped by the test"));
    await expect(ours.ask("step")).rejects.toThrow("stopped by the test");
    await ours.quit();
  });
});

describe("both sides must compute the same", () => {
  const reply = (more: object): Reply => ({ event: "step", ...more });
  const trained = (loss: number, gradientNorm = 1): Reply => reply({ loss, gradientNorm });

  it("accepts rounding and refuses another loss or gradient", () => {
    expect(compareSteps(trained(2.0002), trained(2))).toEqual({
      kind: "loss",
      difference: expect.closeTo(1e-4, 8),
    });
    for (const theirs of [trained(2.01), trained(2, 1.01), trained(Number.NaN)])
      expect(() => compareSteps(trained(2), theirs)).toThrow(
        expect.objectContaining({ code: expect.any(String) }),
      );
  });

  it("accepts a late difference of greedy tokens and refuses another text", () => {
    const ids = Array.from({ length: 40 }, (_, n) => n);
    const late = ids.map((id) => (id > 37 ? 0 : id));
    expect(compareSteps(reply({ ids: [ids] }), reply({ ids: [late] }))).toEqual({
      kind: "tokens",
      equal: 0.95,
    });
    expect(() => compareSteps(reply({ ids: [ids] }), reply({ ids: [ids.toReversed()] }))).toThrow("equal");
  });
});
