import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wardCases, wardDemonstration } from "@mede2/data";
import { loadProcessor, writeModelFolder } from "@mede2/nn";
import {
  embeddedPlan,
  initialParameters,
  tinyChatTemplate,
  tinyConfig,
  tinyPreprocessor,
  tinyTokenizer,
} from "@mede2/recipes";
import { runPlaces } from "@mede2/runs";
import { readRecord, runManifestSchema, type TrainingPlan, writeJsonlAtomic } from "@mede2/schemas";
import { runTraining, type StartedTraining, type StartSettings } from "@mede2/trainer";

/** A model of Tiny's shape with random weights: it answers nonsense, but it answers. */
export async function randomModel(folder: string, seed = 1): Promise<string> {
  const tokenizer = tinyTokenizer();
  const vocab = Math.ceil(tokenizer.size / 64) * 64;
  const { config, shapes, parameters } = initialParameters(tinyConfig(vocab, tokenizer.tokens), seed);
  const json = (value: object) => `${JSON.stringify(value)}\n`;
  await writeModelFolder(folder, {
    config,
    tensors: [...shapes].map(([name, shape]) => ({
      ...{ name, shape, data: parameters.get(name)! },
      dtype: "F32" as const,
    })),
    files: {
      "tokenizer.json": json(tokenizer.tokenizerJson),
      "tokenizer_config.json": json(tokenizer.tokenizerConfig),
      "chat_template.jinja": tinyChatTemplate,
      "preprocessor_config.json": json(tinyPreprocessor),
    },
  });
  return folder;
}

/** Settings of the ward's importer: a few cases of two splits. */
export async function wardFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const counts = { stage2: 3, "test-case": 4 };
  await writeFile(join(folder, "ward.json"), JSON.stringify({ seed: 5, counts }));
  return folder;
}

/** A plan of a few steps on a few text-only demonstrations, in `workspace/model`. */
export async function writeTrainingPlan(
  workspace: string,
  file: string,
  steps: number,
  more: Partial<TrainingPlan> = {},
): Promise<TrainingPlan> {
  const records = wardCases({ split: "stage1", count: 6, seed: 2 }).map((each) => wardDemonstration(each, 1));
  const path = "data/stage1.demonstrations.jsonl";
  const { sha256 } = await writeJsonlAtomic(join(workspace, path), records);
  const { template, images } = await loadProcessor(join(workspace, "model"));
  const plan: TrainingPlan = {
    ...embeddedPlan({
      ...{
        kind: "sft",
        recipe: "custom",
        model: "model",
        loss: { name: "cross-entropy" },
        seed: 1,
        threads: 1,
      },
      data: [{ path, sha256, split: "stage1" }],
      schedule: { name: "constant", learningRate: 1e-3, steps },
      batch: { size: 2, accumulation: 1, maxTokens: 700, checkpointEvery: 1 },
      templateHash: template.hash,
      pixels: { min: images.minPixels, max: images.maxPixels },
    }),
    ...more,
  };
  await writeFile(file, JSON.stringify(plan));
  return plan;
}

/** Trains in this process: tests run on sources, and a child process would need a build. */
export function trainHere({ runDir, workspace }: StartSettings): StartedTraining {
  const stop = new AbortController();
  const done = readRecord(runPlaces.manifest(runDir), runManifestSchema).then((manifest) =>
    runTraining(runDir, manifest, { workspace, signal: stop.signal }),
  );
  return { pid: process.pid, done, stop: () => stop.abort() };
}

export const linesOf = async (path: string): Promise<unknown[]> =>
  (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
