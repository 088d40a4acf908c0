import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { openImageStore } from "@mede2/images";
import { loadProcessor, writeModelFolder } from "@mede2/nn";
import { defaultImageStore } from "@mede2/runs";
import { fromFloat32 } from "@mede2/safetensors";
import { loadModel } from "@mede2/trainer";
import { embeddedPlan } from "../plan-parts.ts";
import { type RunPlanSettings, runPlan } from "../run-plan.ts";
import { type CorpusSettings, corpusFile, writeCorpus } from "./corpus.ts";
import { initialParameters } from "./initial-parameters.ts";
import { tinyChatTemplate, tinyConfig, tinyPreprocessor } from "./tiny-model.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";
import { towerStage } from "./tower-stage.ts";

export type PretrainSettings = {
  /** Folder of the work: data, pictures, runs and intermediate models. */
  readonly workspace: string;
  readonly seed: number;
  readonly threads: number;
  /** Shrinks every amount, for trying the recipe out; 1 is the recipe. */
  readonly scale?: number;
  /** How many questions are answered directly in pretraining. */
  readonly pool?: number;
  readonly code: RunPlanSettings["code"];
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: string, done: number, total: number, note: string) => void;
};

/**
 * The recipe of Tiny, in the order that worked: fresh weights; the vision tower alone with a classification head; the decoder on text; both together;
 * and last the single skills that a chain is made of, each beside pictures as well as beside words: what is seen and which value is abnormal, one rule applied to what was said,
 * rules that belong together, and how an answer follows from what was said before it. No item applies two rules.
 * Every stage is kept, so a second call goes on where the first one stopped. Returns the folder of the finished model.
 */
export async function pretrainTiny(settings: PretrainSettings): Promise<string> {
  const { workspace, seed, threads, scale = 1, pool = 600, onProgress, signal } = settings;
  const count = (full: number): number => Math.max(64, Math.round(full * scale));
  const store = openImageStore(join(workspace, defaultImageStore));
  const fresh = await freshModel(join(workspace, "models/fresh"), seed);
  const tower = await towerStage({
    from: fresh,
    to: join(workspace, "models/tower"),
    work: join(workspace, "work"),
    pictures: count(20_000),
    epochs: 3,
    batch: 64,
    learningRate: 2e-3,
    seed,
    threads,
    ...(signal === undefined ? {} : { signal }),
    onStep: (step, steps, loss, accuracy) =>
      onProgress?.("tower", step, steps, `loss ${loss.toFixed(3)}, ${(100 * accuracy).toFixed(0)} % right`),
  });
  const { template, images } = await loadProcessor(fresh);
  const corpus = async (
    name: string,
    topics: CorpusSettings["topics"],
    full: number,
    withImages: boolean,
    split = "pretrain",
  ) => {
    const path = corpusFile(join(workspace, "data"), name);
    await mkdir(join(workspace, "data"), { recursive: true });
    const written = await writeCorpus(
      path,
      {
        count: count(full),
        seed: seed + (split === "pretrain" ? 0 : 1000),
        split,
        topics,
        images: withImages,
        pool,
        poolSeed: seed,
      },
      store,
    );
    return { path: relative(workspace, path), sha256: written.sha256, split, promptStyle: "plain" };
  };
  const stage = async (
    id: string,
    model: string,
    data: Awaited<ReturnType<typeof corpus>>[],
    learningRate: number,
  ): Promise<string> => {
    onProgress?.(id, 0, 1, "starts");
    const plan = embeddedPlan({
      kind: "pretrain",
      recipe: "pretrain-tiny",
      model: relative(workspace, model),
      data,
      loss: { name: "cross-entropy" },
      schedule: {
        name: "cosine",
        learningRate,
        minLearningRate: learningRate / 20,
        warmupSteps: 50,
        epochs: 1,
      },
      batch: {
        size: 64,
        accumulation: 1,
        maxTokens: 320,
        checkpointEvery: 100,
        evaluateEvery: 200,
        keepCheckpoints: 1,
      },
      seed,
      threads,
      templateHash: template.hash,
      pixels: { min: images.minPixels, max: images.maxPixels },
    });
    return (
      await runPlan({ workspace, id, plan, code: settings.code, ...(signal === undefined ? {} : { signal }) })
    ).checkpoint;
  };
  const textTopics = ["rules", "choice", "reading", "translation", "direct"] as const;
  const text = await stage(
    "pretrain-text",
    tower,
    [
      await corpus("text", textTopics, 80_000, false),
      await corpus("text-held-out", textTopics, 256, false, "dev"),
    ],
    2e-3,
  );
  const jointTopics = ["rules", "choice", "reading", "translation", "caption", "direct"] as const;
  const joint = await stage(
    "pretrain-joint",
    text,
    [
      await corpus("joint", jointTopics, 48_000, true),
      await corpus("joint-held-out", jointTopics, 256, true, "dev"),
    ],
    1e-3,
  );
  const skillTopics = [
    "apply",
    "paragraph",
    "told",
    "restate",
    "reading",
    "caption",
    "translation",
    "direct",
  ] as const;
  const skilled = await stage(
    "pretrain-skills",
    joint,
    [
      await corpus("skills", skillTopics, 72_000, true),
      await corpus("skills-held-out", skillTopics, 256, true, "dev"),
    ],
    1e-3,
  );
  const concluding = await stage(
    "pretrain-conclude",
    skilled,
    [
      await corpus("conclude", [...skillTopics, "conclude"], 24_000, true),
      await corpus("conclude-held-out", [...skillTopics, "conclude"], 256, true, "dev"),
    ],
    7e-4,
  );
  return finishedModel(concluding, join(workspace, "models/tiny"));
}

/** Configuration, tokenizer and template of Tiny with fresh weights. */
async function freshModel(folder: string, seed: number): Promise<string> {
  if (existsSync(folder)) return folder;
  const tokenizer = tinyTokenizer();
  const vocab = Math.ceil(tokenizer.size / 64) * 64;
  const { config, shapes, parameters } = initialParameters(tinyConfig(vocab, tokenizer.tokens), seed);
  const json = (value: object): string => `${JSON.stringify(value)}\n`;
  await mkdir(join(folder, ".."), { recursive: true });
  await writeModelFolder(folder, {
    config,
    tensors: [...shapes].map(([name, shape]) => ({
      name,
      dtype: "F32" as const,
      shape,
      data: parameters.get(name)!,
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

/** The model as it is shipped: half precision, without the trainer's state. */
async function finishedModel(from: string, folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  const { state } = await loadModel(from);
  await writeModelFolder(folder, {
    config: { ...state.config, dtype: "float16" },
    tensors: [...state.shapes].map(([name, shape]) => ({
      name,
      dtype: "F16" as const,
      shape,
      data: fromFloat32(state.parameters.get(name)!, "F16"),
    })),
    copyFrom: from,
  });
  return folder;
}
