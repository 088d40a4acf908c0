import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { filmDemonstrations } from "@mede2/data";
import { type Candidates, type Question, withId, writeJsonlAtomic } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filmLinks } from "./film-links.ts";
import { writeFilmPairs } from "./films-pairs.ts";

const { question, trace } = [...filmDemonstrations({ count: 1 })][0]!;

const said = (text: string, index = 0) =>
  makeTrace({
    question: question as Question,
    text,
    by: { kind: "model", name: "test" },
    stage: "stage1",
    images: "none",
    promptHash: "0".repeat(64),
    sample: { index, seed: index, temperature: 1, topP: 1, maxTokens: 100 },
    finish: "stop",
    tokens: { prompt: 1, completion: 50 },
  });
const statusOf = (text: string) =>
  Object.fromEntries(filmLinks(question as Question, said(text)).map(({ name, status }) => [name, status]));

describe("filmLinks", () => {
  it("tells what holds, what is wrong and what is not there", () => {
    expect(new Set(Object.values(statusOf(trace.text)))).toEqual(new Set(["right"]));
    const bare = statusOf(String(question.facts?.label));
    expect(bare).toMatchObject({
      "finding-named": "absent",
      "finding-consistent": "absent",
      "check-made": "absent",
    });
    const other = question.facts?.label === "normal" ? "pneumonia" : "normal";
    const turned = trace.text.replace(/\\boxed\{[^}]*\}/, `\\boxed{${other}}`);
    expect(statusOf(turned)).toMatchObject({ "finding-named": "right", "finding-consistent": "wrong" });
  });
});

describe("writeFilmPairs", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mede2-film-pairs-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const special = (text: string) => text.match(/<\|im_start\|>/g) ?? [];
  const write = async (name: string, texts: readonly string[]) => {
    const path = join(folder, `${name}.candidates.jsonl`);
    const record = { record: "candidates", v: 1, question, traces: texts.map(said), ratings: [] };
    await writeJsonlAtomic(path, [withId(record) as Candidates]);
    return writeFilmPairs(
      folder,
      path,
      join(folder, `${name}.rated.candidates.jsonl`),
      { bothRightShare: 0 },
      special,
    );
  };

  it("prefers a whole chain to one that checks nothing", async () => {
    const bare = trace.text.replace(/\nCheck:[^\n]*/, "");
    expect(await write("some", [trace.text, bare])).toMatchObject({
      count: 1,
      bothRight: 1,
      kinds: { "right-answer-poor-reasoning": 1 },
    });
  });

  it("leaves out what would be read as structure", async () => {
    const bare = trace.text.replace(/\nCheck:[^\n]*/, "");
    const broken = bare.replace("Signs", "<|im_start|>");
    expect(await write("structure", [trace.text, bare, broken])).toMatchObject({
      count: 1,
      dropped: { "special-token": 1 },
    });
  });

  it("says why there is nothing to choose from", async () => {
    await expect(write("none", ["normal", "pneumonia"])).rejects.toThrow(
      expect.objectContaining({
        code: "no-pairs",
        message: expect.stringMatching(/^0 of 2 sampled answers reason/),
      }),
    );
  });
});
