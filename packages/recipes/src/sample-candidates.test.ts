import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wardCases, wardQuestion } from "@mede2/data";
import { functionModel, promptStyles } from "@mede2/llm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleCandidates } from "./sample-candidates.ts";

describe("sampleCandidates", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mede2-sample-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const questions = wardCases({ split: "stage2", count: 70, seed: 5 }).map((each) =>
    wardQuestion(each, { form: "text" }),
  );
  let asked = 0;
  const model = functionModel("fake", (request) => {
    asked += 1;
    return {
      text: `\\boxed{${request.sampling.seed}}`,
      finish: "stop",
      tokens: { prompt: 1, completion: 2 },
    };
  });
  const settings = {
    model,
    questions,
    style: promptStyles.reason,
    samples: 2,
    temperature: 0.8,
    topP: 1,
    maxTokens: 9,
    seed: 4,
    stage: "stage1" as const,
    checkpoint: "x",
  };

  it("writes every question once, also when its file was cut off", async () => {
    const whole = join(folder, "whole.candidates.jsonl");
    expect(await sampleCandidates({ ...settings, out: whole })).toEqual({ written: 70, tokens: 280 });
    const text = await readFile(whole, "utf8");
    const cut = join(folder, "cut.candidates.jsonl");
    await writeFile(cut, text.slice(0, Math.floor(text.length * 0.4)));
    asked = 0;
    await sampleCandidates({ ...settings, out: cut });
    expect(await readFile(cut, "utf8")).toBe(text);
    expect(asked).toBeLessThan(2 * 45);
    expect(await sampleCandidates({ ...settings, out: cut })).toEqual({ written: 0, tokens: 0 });
  });

  it("gives each sample a seed of its own", async () => {
    const lines = (await readFile(join(folder, "whole.candidates.jsonl"), "utf8")).trim().split("\n");
    const { traces } = JSON.parse(lines[0]!) as { traces: { text: string; sample: { seed: number } }[] };
    expect(traces.map(({ sample }) => sample.seed)).toEqual([4000, 4001]);
    expect(traces.map(({ text }) => text)).toEqual(["\\boxed{4000}", "\\boxed{4001}"]);
  });
});
