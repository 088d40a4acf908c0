import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { openInspectLog } from "@mede2/inspect-log";
import { functionModel, promptStyles } from "@mede2/llm";
import { evaluationRecordSchema, type Question, readAllJsonl } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../evaluate.ts";
import { evaluationFolders } from "./evaluation-folder.ts";
import { exportInspect } from "./export-inspect.ts";
import { importInspect } from "./import-inspect.ts";

let folder = "";
const questions: Question[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-export-"));
  const store = openImageStore(join(folder, "images"));
  for (let n = 0; n < 6; n++) {
    const data = Uint8Array.from({ length: 16 }, (_, pixel) => (pixel * 3 + n * 40) % 256);
    const image = await store.put(await encodePng({ width: 4, height: 4, channels: 1, data }));
    questions.push({
      ...{ record: "question", v: 1, id: `films:${n}`, source: "films", revision: "1", split: "test" },
      ...{
        stem: "<image>\nWhat?",
        options: ["normal", "pneumonia"],
        gold: { labels: ["B"] },
        images: [image],
      },
      ...{ group: {}, tags: { language: "en" }, licence: "CC0-1.0" },
    });
  }
  let asked = 0;
  const model = functionModel("counts", () => ({
    text: `\\boxed{${asked++ % 3 ? "pneumonia" : "normal"}}`,
    finish: "stop",
    tokens: { prompt: 3, completion: 2 },
  }));
  await evaluate({
    ...{ questions, model, conditions: ["real", "blank"], style: promptStyles.direct, store, samples: 2 },
    ...{ sampling: { temperature: 0, topP: 1, maxTokens: 8 }, out: join(folder, "e"), task: "films" },
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe("an evaluation as logs of Inspect", () => {
  it("becomes one log for each condition, and comes back as it was", async () => {
    const [evaluation] = await evaluationFolders(join(folder, "e"));
    const byId = new Map(questions.map((question) => [question.id, question]));
    const store = openImageStore(join(folder, "images"));
    const logs = await exportInspect(evaluation!, { out: join(folder, "logs"), questions: byId, store });
    expect(logs.map(({ images, samples, missingPictures }) => [images, samples, missingPictures])).toEqual([
      ["real", 12, 0],
      ["blank", 12, 0],
    ]);
    const log = await openInspectLog(logs[0]!.path);
    expect(log.header.eval).toMatchObject({ task: "films-real", model: "counts" });
    expect(log.header.results!.scores![0]!.metrics!.accuracy!.value).toBe(logs[0]!.scores[0]!.mean);
    log.close();
    const back = await importInspect(
      logs.map(({ path }) => path),
      { out: join(folder, "back"), store: openImageStore(join(folder, "images-back")) },
    );
    const records = async (path: string) =>
      (await readAllJsonl(path, evaluationRecordSchema)).map((record) => JSON.stringify(record)).sort();
    expect(await records(back.records)).toEqual(await records(evaluation!.records));
    expect(openImageStore(join(folder, "images-back")).has(questions[3]!.images[0]!.sha256)).toBe(true);
    await expect(
      importInspect([logs[0]!.path, logs[0]!.path], { out: join(folder, "twice") }),
    ).rejects.toMatchObject({ code: "mixed-records" });
  });

  it("counts pictures that the store does not have", async () => {
    const [evaluation] = await evaluationFolders(join(folder, "e"));
    const [real] = await exportInspect(evaluation!, {
      out: join(folder, "logs-2"),
      store: openImageStore(join(folder, "empty")),
    });
    expect(real!.missingPictures).toBe(12);
  });

  it("says what is missing", async () => {
    await writeFile(join(folder, "e", "note.txt"), "");
    await expect(evaluationFolders(folder)).rejects.toMatchObject({ code: "no-evaluation" });
  });
});
