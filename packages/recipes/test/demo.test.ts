import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { listRuns } from "@mede2/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));
const child = fileURLToPath(new URL("demo-child.mjs", import.meta.url));
const amounts = {
  demonstrations: 48,
  epochs: 1,
  cases: 12,
  samples: 3,
  heldOut: 12,
  heldOutByCase: 12,
  development: 6,
};

/** Training runs in a child process of the built package, so the demo is run from the built package too. */
describe.skipIf(!existsSync(built))("the demo with very little of everything (needs a build)", () => {
  let folder = "";
  async function demo(stopAt?: string): Promise<unknown> {
    const code = { version: "0.1.0", commit: "0".repeat(40), dirty: false };
    const settings = { workspace: folder, quick: true, seed: 3, threads: 1, amounts, code };
    const argv = [child, JSON.stringify(settings), ...(stopAt === undefined ? [] : [stopAt])];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1e7 });
    return JSON.parse(stdout.trim().split("\n").at(-1)!);
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mede2-demo-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("stops when asked, goes on where it stood, and says why there is nothing to prefer after so little training", async () => {
    expect(await demo("sampling")).toEqual({ stopped: true });
    const stage1 = join(folder, "runs/1-stage1/checkpoints");
    const written = async () =>
      (await stat(join(stage1, (await readdir(stage1))[0]!, "model.safetensors"))).mtimeMs;
    const before = await written();
    const result = await demo();
    expect(await written()).toBe(before);
    expect(result).toMatchObject({
      code: "no-pairs",
      message: expect.stringMatching(/12 cases .*not-chosen/),
    });
    const candidates = await readFile(join(folder, "runs/2-sample/traces/stage2.candidates.jsonl"), "utf8");
    expect(candidates.trim().split("\n")).toHaveLength(amounts.cases);
    const status = Object.fromEntries(
      (await listRuns(folder)).map((run) => [run.id, run.readable ? run.status : run.reason]),
    );
    expect(status).toEqual({ "1-stage1": "finished", "2-sample": "finished", "3-pairs": "failed" });
    expect(await demo()).toEqual(result);
    expect(await readFile(join(folder, "runs/2-sample/traces/stage2.candidates.jsonl"), "utf8")).toBe(
      candidates,
    );
  }, 240_000);
});
