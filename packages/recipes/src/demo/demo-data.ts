import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type WardSplit, wardCases, wardDemonstration, wardImageOf, wardQuestion } from "@mede2/data";
import type { ImageStore } from "@mede2/images";
import {
  type Demonstration,
  demonstrationSchema,
  type Question,
  questionSchema,
  readJsonl,
  sha256Hex,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { storeWardImage } from "../tiny/ward-images.ts";
import type { DemoAmounts } from "./amounts.ts";

/** The files of a demo, relative to its workspace. */
export type DemoData = {
  readonly demonstrations: { readonly path: string; readonly sha256: string };
  readonly cases: readonly Question[];
  readonly development: readonly Question[];
  readonly byCase: readonly Question[];
  readonly byCombination: readonly Question[];
};

/** Seeds of the held-out sets do not depend on the demo's seed: every run is judged by the same questions. */
const heldOutSeed = 1;

export async function writeDemoData(
  workspace: string,
  amounts: DemoAmounts,
  seed: number,
  store: ImageStore,
): Promise<DemoData> {
  const folder = join(workspace, "data");
  await mkdir(folder, { recursive: true });
  const questions = (name: string, split: WardSplit, count: number, from: number) =>
    writeQuestions(join(folder, `${name}.questions.jsonl`), split, count, from, store);
  return {
    demonstrations: await writeDemonstrations(
      workspace,
      "data/stage1.demonstrations.jsonl",
      amounts.demonstrations,
      seed,
    ),
    cases: await questions("stage2", "stage2", amounts.cases, seed),
    development: await questions("development", "dev-combination", amounts.development, heldOutSeed),
    byCase: await questions("test-case", "test-case", amounts.heldOutByCase, heldOutSeed),
    byCombination: await questions("test-combination", "test-combination", amounts.heldOut, heldOutSeed),
  };
}

async function writeDemonstrations(
  workspace: string,
  path: string,
  count: number,
  seed: number,
): Promise<{ path: string; sha256: string }> {
  const absolute = join(workspace, path);
  if (!existsSync(absolute)) {
    const records = wardCases({ split: "stage1", count, seed }).map(
      (each): Demonstration => ({ ...wardDemonstration(each, seed) }),
    );
    await writeJsonlAtomic(absolute, records, { schema: demonstrationSchema });
  }
  return { path, sha256: sha256Hex(await readFile(absolute)) };
}

async function writeQuestions(
  path: string,
  split: WardSplit,
  count: number,
  seed: number,
  store: ImageStore,
): Promise<Question[]> {
  if (!existsSync(path)) await writeJsonlAtomic(path, drawnQuestions(split, count, seed, store));
  const questions: Question[] = [];
  for await (const question of readJsonl(path, questionSchema)) questions.push(question);
  return questions;
}

async function* drawnQuestions(
  split: WardSplit,
  count: number,
  seed: number,
  store: ImageStore,
): AsyncGenerator<Question> {
  for (const each of wardCases({ split, count, seed })) {
    const imageRef = await storeWardImage(store, wardImageOf(each));
    yield wardQuestion(each, { form: "image", imageRef });
  }
}
