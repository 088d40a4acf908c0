import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { diagnose } from "./diagnose.ts";
import { judgeFolder, judgeOutput } from "./judge-folder.ts";
import { runChecks } from "./run-checks.ts";

const step = (number: number, rest: object) => ({ type: "step-end" as const, step: number, ...rest });
const rewards = (chosen: number, rejected: number) => ({
  rewards: { chosen, rejected, margin: chosen - rejected },
});
const expected = { lossAtStart: Math.LN2, nllWeight: 0, tolerance: 1e-3 };
const breaches = (given: object, ...events: Parameters<ReturnType<typeof runChecks>["event"]>[0][]) => {
  const checks = runChecks(given);
  return events.flatMap((event) => checks.event(event));
};

describe("steps", () => {
  it("accept a start at the reference, with and without a likelihood term", () => {
    expect(breaches(expected, step(1, { loss: Math.LN2, ...rewards(0, 0) }))).toEqual([]);
    const mixed = { ...expected, lossAtStart: 0.8 * Math.LN2 + 0.4 * Math.LN2, nllWeight: 1 };
    expect(breaches(mixed, step(1, { loss: 12.57951546, nll: 11.74773884, ...rewards(0, 0) }))).toEqual([]);
  });

  it("name the base as reference, another loss, and added losses", () => {
    const base = breaches(expected, step(1, { loss: 0.93573457, ...rewards(0.059, 0.497) }));
    expect(base).toMatchObject([
      { name: "preference-loss-at-start", expected: expect.closeTo(Math.LN2, 4), actual: 0.9357 },
    ]);
    expect(base[0]?.cause).toMatch(/the base, not the adapter of Stage I/);
    expect(breaches(expected, step(1, { loss: 1, ...rewards(0, 0) }))[0]?.cause).toMatch(
      /another one than the plan's/,
    );
    const doubled = breaches(
      { ...expected, worldSize: 2 },
      step(1, { loss: 2 * Math.LN2, ...rewards(0, 0) }),
    );
    expect(doubled).toMatchObject([{ name: "processes" }]);
    // bfloat16 rounds
    expect(
      breaches({ ...expected, tolerance: 5e-2 }, step(1, { loss: 0.71, ...rewards(-0.006, 0.002) })),
    ).toEqual([]);
  });

  it("name processes that train alone, by the epoch", () => {
    const run = { rows: 180, perStep: 4, worldSize: 2 };
    expect(breaches(run, step(1, { loss: 7, epoch: 4 / 180 }))).toEqual([]);
    expect(breaches(run, step(1, { loss: 7, epoch: 2 / 180 }))[0]?.cause).toMatch(/trains alone/);
    expect(breaches(run, step(1, { loss: 7, epoch: 8 / 180 }))[0]?.cause).toMatch(/about 8 samples/);
  });

  it("compare the loss of a step that is taken again", () => {
    const again = (loss: number) =>
      breaches(
        {},
        step(3, { loss: 7.52 }),
        step(4, { loss: 7.5 }),
        step(4, { loss }),
        step(5, { loss: 7.4 }),
      );
    expect(again(7.5004)).toEqual([]);
    expect(again(7.597)).toMatchObject([{ name: "resumed-loss", expected: 7.5, actual: 7.597 }]);
  });

  it("stop at what is not finite", () => {
    expect(breaches({}, step(2, { nonFinite: ["loss", "gradientNorm"] }))).toMatchObject([
      { name: "not-finite" },
    ]);
  });
});

describe("output", () => {
  const row = { ids: [1, 2, 9, 9, 9, 3, 4], supervised: 2 };
  const firstRow = { imageToken: 9, chosen: row, rejected: { ids: [1, 2, 9, 9, 9, 5], supervised: 1 } };
  const lines = (given: object, ...texts: string[]) => {
    const checks = runChecks(given);
    return texts.flatMap((text) => checks.output(`${text}\n`));
  };

  it("is the same row, with or without the line break after the last end token", () => {
    const texts = ["1, 2, 9, 9, 9, 3, 4", "1, 2, 9, 9, 9, 3, 4, 198"].map(
      (ids) => `[INFO:swift] [INPUT_IDS] [${ids}]`,
    );
    expect(lines({ firstRow }, ...texts, "[CHOSEN_INPUT_IDS] [1, 2, 9, 9, 9, 3, 4]")).toEqual([]);
    expect(lines({ firstRow }, "[REJECTED_INPUT_IDS] [1, 2, 9, 9, 9, 5, 198]")).toEqual([]);
  });

  it("has one image token instead of all, or another template", () => {
    const one = lines({ firstRow }, "[INPUT_IDS] [1, 2, 9, 3, 4]");
    expect(one).toMatchObject([{ name: "image-tokens", expected: 3, actual: 1 }]);
    const other = lines({ firstRow }, "[INPUT_IDS] [1, 7, 9, 9, 9, 3, 4]");
    expect(other).toMatchObject([{ name: "template" }]);
    expect(other[0]?.cause).toMatch(/from token 1 on/);
    expect(lines({ firstRow }, "[INPUT_IDS] [1, 2, 9, 9, 9, 3]")).toEqual([]); // the last line break, by our count
    expect(lines({ firstRow }, "[INPUT_IDS] [1, 2, 9, 9, 9]")).toMatchObject([{ name: "template" }]);
  });

  it("has fewer rows, another number of processes, or weights that were not found", () => {
    const set = (rows: number) => [
      "train_dataset: Dataset({",
      "    features: ['messages'],",
      `    num_rows: ${rows}`,
    ];
    expect(lines({ rows: 192 }, ...set(192))).toEqual([]);
    expect(lines({ rows: 192 }, ...set(190))[0]?.cause).toBe(
      "the engine dropped 2 of 192 rows without a word",
    );
    expect(
      lines({ worldSize: 2 }, "rank: -1, local_rank: -1, world_size: 1, local_world_size: 1"),
    ).toMatchObject([{ name: "processes", expected: 2, actual: 1 }]);
    const missing =
      "There were missing keys in the checkpoint model loaded: ['model.visual.a', 'model.visual.b']";
    expect(lines({}, missing, missing)).toMatchObject([{ name: "resumed-weights" }]);
    expect(lines({}, "There were missing keys in the checkpoint model loaded: ['lm_head.weight'].")).toEqual(
      [],
    );
  });

  it("of one line comes in pieces", () => {
    const checks = runChecks({ worldSize: 1 });
    expect([...checks.output("world_si"), ...checks.output("ze: 2, x")]).toEqual([]);
    expect(checks.output("\n")).toMatchObject([{ name: "processes" }]);
  });
});

describe("the end", () => {
  it("with code 0 below the steps is none", () => {
    expect(runChecks({ steps: 400 }).end(0, 24)).toMatchObject([
      { name: "steps", expected: 400, actual: 24 },
    ]);
    expect(runChecks({ steps: 24 }).end(0, 24)).toEqual([]);
    expect(runChecks({ steps: 400 }).end(1, 24)).toEqual([]); // that is a failure of its own
  });

  it("is explained by the output", () => {
    expect(diagnose("x\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate\n")?.code).toBe(
      "gpu-memory",
    );
    expect(diagnose("FileNotFoundError: [Errno 2] No such file or directory: '/w/NOPE.png'")).toMatchObject({
      code: "image-missing",
    });
    expect(diagnose("Traceback\nValueError: remaining_argv: ['--no']")).toMatchObject({ code: "arguments" });
    expect(diagnose("Traceback\nKeyError: 'x'\n")).toMatchObject({
      code: "engine-error",
      message: "KeyError: 'x'",
    });
    expect(diagnose("all went well")).toBeUndefined();
  });
});

const root = process.env.MEDE2_SHARED ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
const real = join(root, "data/engine_runs/ms-swift");
/** What each kept run must be told to be. */
const verdicts: Record<string, [end: string, breaches: string[], diagnosis?: string]> = {
  sft: ["finished", []],
  "dpo-reference-stage1": ["finished", []],
  mpo: ["finished", []],
  "two-processes": ["finished", []],
  "killed-and-resumed": ["finished", []],
  "second-run-appended": ["finished", []],
  "pai-variable-set": ["finished", []],
  "dpo-reference-base-by-mistake": ["finished", ["preference-loss-at-start"]],
  nan: ["finished", ["not-finite", "not-finite", "not-finite"]],
  "full-resume-silently-base": ["finished", ["resumed-weights"]],
  "jit-checkpoint-on-term": ["stopped", ["steps"]],
  "bad-image-crash": ["failed", [], "image-missing"],
};

describe.skipIf(!existsSync(real))("runs that were kept (data/engine_runs is there)", () => {
  it.each(Object.entries(verdicts))("%s", async (name, [end, wanted, diagnosis]) => {
    const output = join(real, name, "stdout.log");
    const verdict = await judgeFolder(join(real, name), existsSync(output) ? output : undefined);
    expect(verdict.end).toBe(end);
    expect(verdict.breaches.map((breach) => breach.name)).toEqual(wanted);
    expect(verdict.diagnosis?.code).toBe(diagnosis);
  });

  /** Losses and verdict of each output of TRL that was kept; those of a preference run with what its plan would let expect. */
  const plain = { lossAtStart: Math.LN2, nllWeight: 0, tolerance: 1e-3 };
  const outputs: Record<string, [given: object, steps: number, end: string, diagnosis?: string]> = {
    sft_s1: [{}, 6, "finished"],
    dpo_adapter: [plain, 3, "finished"],
    dpo_mpo: [{ ...plain, lossAtStart: 1.2 * Math.LN2, nllWeight: 1 }, 3, "finished"],
    dpo_textonvlm_pre: [plain, 3, "finished"],
    dpo_maxlen: [plain, 0, "failed", "image-tokens"],
    r_a: [{ ...plain, steps: 6 }, 6, "finished"],
    v_a: [{ steps: 6 }, 6, "finished"],
    // the tied head is named as missing, which it is not
    v_b: [{}, 3, "finished"],
  };
  it.each(Object.entries(outputs))("TRL: %s", async (name, [given, steps, end, diagnosis]) => {
    const verdict = await judgeOutput(join(root, `data/engine_runs/trl/${name}.stdout.log`), given);
    expect(verdict).toMatchObject({ steps, end, breaches: [] });
    expect(verdict.diagnosis?.code).toBe(diagnosis);
  });

  it("TRL: the log of a resume, read as a first run, does not begin at its reference", async () => {
    const { breaches } = await judgeOutput(join(root, "data/engine_runs/trl/r_b.stdout.log"), plain);
    expect(breaches.map(({ name }) => name)).toEqual(["preference-loss-at-start"]);
  });
});
