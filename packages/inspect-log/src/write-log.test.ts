import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EvaluationRecord, type Question, type Trace, withId } from "@mede2/schemas";
import { beforeAll, describe, expect, it } from "vitest";
import { fromInspect } from "./from-inspect.ts";
import { openInspectLog } from "./open-inspect-log.ts";
import { type EvaluatedAnswer, toInspect } from "./to-inspect.ts";
import { inspectLogName, writeInspectLog } from "./write-inspect-log.ts";
import { writeZip } from "./write-zip.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inspect-log-"));
});

const log = {
  task: "films",
  model: "tiny <b>",
  created: new Date("2026-01-02T03:04:05.000Z"),
  dataset: { name: "films" },
  taskArgs: { images: "real" },
};

const hostile = "</script><script>alert(1)</script>\u0000\u202e ../../etc/passwd";

function answer(
  id: string,
  sample: number,
  outcome: EvaluationRecord["outcome"],
  finish = "stop",
): EvaluatedAnswer {
  const question: Question = {
    ...{ record: "question", v: 1, id, source: "films", revision: "1", split: "test" },
    stem: `<image>\n${hostile}`,
    options: ["normal", "pneumonia"],
    gold: { labels: ["B"] },
    images: [],
    group: { patient: "p" },
    tags: { modality: "x-ray", language: "en" },
    licence: "CC0-1.0",
  };
  const said = { status: "found" as const, labels: ["B"], text: "pneumonia", rule: "boxed", span: null };
  const trace = withId({
    ...{
      record: "trace" as const,
      v: 1 as const,
      questionId: id,
      by: { kind: "model" as const, name: "tiny" },
    },
    ...{ stage: "stage2" as const, images: "real" as const, imageHashes: [], promptHash: "a".repeat(64) },
    sample: { index: sample, seed: 1, temperature: 0, topP: 1, maxTokens: 8 },
    text: "<think>\nconsolidation\n</think>\n\n\\boxed{pneumonia}",
    reasoning: { field: "text", start: 8, end: 21, quote: "consolidation" },
    ...{ steps: [], answer: said, finish: finish as Trace["finish"], tokens: { prompt: 10, completion: 5 } },
  }) as Trace;
  const record: EvaluationRecord = {
    ...{ record: "evaluation-record", v: 1, questionId: id, task: "films", protocol: "reason" },
    ...{ model: { name: "tiny" }, stage: "stage2", images: "real", sample, traceId: trace.id },
    ...{ answer: said, outcome, byRule: {}, group: question.group, tags: question.tags },
  };
  return { record, trace, question };
}

describe("writing and reading back", () => {
  const answers = [
    answer("films:1", 0, { correct: true }),
    answer("films:1", 1, { correct: false }),
    answer(`films:a/../..\\${"\u0007"}b`, 0, { correct: true }),
    answer("films:2", 0, { excluded: "error" }, "error"),
    answer("films:3", 0, { excluded: "unscored" }),
  ];
  const png = {
    mime: "image/png",
    bytes: Buffer.from("not a real picture, but long enough to be put aside ".repeat(9)),
  };

  it("gives back the very records, and the pictures", async () => {
    const path = join(folder, inspectLogName(log));
    expect(path).toMatch(/2026-01-02T03-04-05-00-00_films_[0-9a-f]{22}\.eval$/);
    const written = await writeInspectLog(
      path,
      log,
      answers.map((one) => toInspect(one, [png])),
    );
    expect(written.samples).toBe(5);
    expect(written.scores).toEqual([
      { scorer: "strict", scored: 2, unscored: 1, mean: 0.75, standardError: 0.25 },
    ]);
    const opened = await openInspectLog(path);
    expect(opened.header.results!.scores![0]).toMatchObject({ scored_samples: 2, unscored_samples: 1 });
    expect(opened.header.results).toMatchObject({ total_samples: 5, completed_samples: 4 });
    const back = [];
    for await (const sample of opened.eachSample()) back.push(fromInspect(opened.header, sample));
    expect(back.map(({ record, trace, question }) => ({ record, trace, question }))).toEqual(answers);
    expect(back[0]!.pictures).toEqual([png]);
    for (const { id } of opened.samples) expect(id).not.toMatch(/\.\.|[\\/\p{Cc}]/u);
    expect((await opened.summaries())[0]).not.toHaveProperty("metadata.mede2.trace");
    opened.close();
  });

  it("leaves nothing when the samples fail, or one occurs twice", async () => {
    const path = join(folder, "broken.eval");
    const failing = async function* () {
      yield toInspect(answers[0]!);
      throw new Error("the disk went away");
    };
    await expect(writeInspectLog(path, log, failing())).rejects.toThrow("the disk went away");
    await expect(
      writeInspectLog(path, log, [toInspect(answers[0]!), toInspect(answers[0]!)]),
    ).rejects.toMatchObject({ code: "sample-twice" });
    expect((await readdir(folder)).filter((name) => name.includes("broken"))).toEqual([]);
  });
});

describe("logs that are not as they should be", () => {
  const start = JSON.stringify({ version: 2, eval: { created: "2026", task: "t", model: "m" }, plan: {} });
  const write = async (name: string, texts: Record<string, string>) => {
    const path = join(folder, name);
    await writeZip(
      path,
      Object.entries(texts).map(([entry, text]) => ({ name: entry, text })),
      log.created,
    );
    return path;
  };

  it("reads what a writer that died had journaled", async () => {
    const summary = (id: number, value: string) => ({
      id,
      epoch: 1,
      input: "",
      target: "A",
      scores: { s: { value } },
    });
    const path = await write("unfinished.eval", {
      "_journal/start.json": start,
      "_journal/summaries/2.json": JSON.stringify([summary(1, "C")]),
      "_journal/summaries/10.json": JSON.stringify([summary(1, "I"), summary(2, "C")]),
    });
    const opened = await openInspectLog(path);
    expect(opened.unfinished).toBe(true);
    expect(opened.header.status).toBe("started");
    expect((await opened.summaries()).map(({ id, scores }) => [id, scores!.s!.value])).toEqual([
      [1, "I"],
      [2, "C"],
    ]);
    opened.close();
  });

  it("refuses what unpacks to more than it may, before it unpacks", async () => {
    const path = await write("bomb.eval", {
      "_journal/start.json": start,
      "samples/1_epoch_1.json": `"${"0".repeat(4_000_000)}"`,
    });
    const opened = await openInspectLog(path, { entryBytes: 1_000_000 });
    await expect(opened.sample({ id: 1, epoch: 1 })).rejects.toMatchObject({ code: "entry-too-large" });
    opened.close();
    await expect(openInspectLog(path, { entries: 1 })).rejects.toMatchObject({ code: "entry-too-large" });
  });

  it("says of a directory that lies about an entry's size that the file is damaged", async () => {
    const path = await write("liar.eval", {
      "_journal/start.json": start,
      "samples/1_epoch_1.json": "[1,2,3]",
    });
    const { readFile } = await import("node:fs/promises");
    const bytes = await readFile(path);
    const at = bytes.lastIndexOf("samples/1_epoch_1.json") - 46; // the entry in the directory
    bytes.writeUInt32LE(3, at + 24);
    await writeFile(path, bytes);
    const opened = await openInspectLog(path);
    await expect(opened.sample({ id: 1, epoch: 1 })).rejects.toMatchObject({ code: "damaged" });
    opened.close();
  });

  it.each([
    ["a text", async (path: string) => writeFile(path, "no zip"), "not-a-log"],
    [
      "a cut file",
      async (path: string) => writeFile(path, Buffer.from("PK\u0003\u0004 and no more")),
      "not-a-log",
    ],
    [
      "another ZIP",
      async (path: string) => writeZip(path, [{ name: "a.txt", text: "" }], log.created),
      "not-a-log",
    ],
    [
      "a header that is none",
      async (path: string) => writeZip(path, [{ name: "header.json", text: "[]" }], log.created),
      "not-a-log",
    ],
    [
      "a header that is no JSON",
      async (path: string) => writeZip(path, [{ name: "header.json", text: "{" }], log.created),
      "not-json",
    ],
  ])("refuses %s", async (name, make, code) => {
    const path = join(folder, `${name}.eval`);
    await make(path);
    await expect(openInspectLog(path)).rejects.toMatchObject({ code });
  });

  it("lets a missing file be missing", async () => {
    await expect(openInspectLog(join(folder, "none.eval"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
