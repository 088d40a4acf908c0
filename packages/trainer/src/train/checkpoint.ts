import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LoraModule, type LoraSettings, writeModelFolder, writePeftFolder } from "@mede2/nn";
import { writeDirAtomic } from "@mede2/runs";
import { readSafetensors, writeSafetensors } from "@mede2/safetensors";
import { type TrainingLock, trainingLockFile } from "@mede2/schemas";
import type { ModelState, OptimiserState } from "../program/model-state.ts";
import { sha256OfFile } from "./sha256-of-file.ts";
import type { RunningMean } from "./shift.ts";

/** `trainer/state.json` of a checkpoint: all that a resumed run needs beside weights and moments. Order and randomness follow from seed and step. */
export type TrainerState = {
  readonly version: 1;
  readonly planHash: string;
  readonly step: number;
  readonly seconds: number;
  /** A learning rate that was set by request and still holds. */
  readonly learningRate?: number;
  /** Loss of the run's first and latest step. */
  readonly loss: { readonly first?: number; readonly last?: number };
  /** BCO's mean of all rewards so far. */
  readonly rewardMean?: RunningMean;
  /** sha256 of every other file of the folder. */
  readonly files: Readonly<Record<string, string>>;
};

export type CheckpointContent = {
  readonly model: ModelState;
  readonly optimiser: OptimiserState;
  readonly planHash: string;
  readonly seconds: number;
  readonly learningRate?: number;
  readonly loss: TrainerState["loss"];
  readonly rewardMean?: RunningMean;
  /** The moving average of what is trained, written as a folder of its own, `ema/`. */
  readonly ema?: ReadonlyMap<string, Float32Array>;
  /** The base folder, whose tokenizer and processor files go along. */
  readonly base: string;
  /** How it was trained, for evaluations to compare: `training-lock.json`. */
  readonly lock?: TrainingLock;
  readonly adapter?: { readonly settings: LoraSettings; readonly modules: readonly LoraModule[] };
};

const optimiserFile = "trainer/optimiser.safetensors";
export const stateFile = "trainer/state.json";

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(7, "0")}`;
}

/** Writes a Hugging Face or PEFT folder with the optimiser's state in `trainer/`. It appears whole or not at all. */
export async function writeCheckpoint(
  folder: string,
  content: CheckpointContent,
): Promise<{ bytes: number; sha256: string }> {
  return writeDirAtomic(
    folder,
    async (temporary) => {
      const weights = await writeWeights(join(temporary, "weights"), content);
      for (const name of await readdir(join(temporary, "weights")))
        await rename(join(temporary, "weights", name), join(temporary, name));
      await rm(join(temporary, "weights"), { recursive: true });
      const average = content.ema === undefined ? {} : await writeAverage(temporary, content, content.ema);
      if (content.lock !== undefined)
        await writeFile(join(temporary, trainingLockFile), `${JSON.stringify(content.lock, null, 2)}\n`);
      await mkdir(join(temporary, "trainer"));
      const written = await writeSafetensors(
        join(temporary, optimiserFile),
        optimiserArrays(content.optimiser).map(([name, data]) => ({
          ...{ name, data, shape: [data.length] },
          dtype: data instanceof Uint8Array ? ("U8" as const) : ("F32" as const),
        })),
      );
      const state: TrainerState = {
        version: 1,
        planHash: content.planHash,
        step: content.optimiser.step,
        seconds: content.seconds,
        ...(content.learningRate === undefined ? {} : { learningRate: content.learningRate }),
        loss: content.loss,
        ...(content.rewardMean === undefined ? {} : { rewardMean: content.rewardMean }),
        files: await hashes(temporary, { ...weights.files, ...average, [optimiserFile]: written.sha256 }),
      };
      await writeFile(join(temporary, stateFile), `${JSON.stringify(state, null, 2)}\n`);
      return { bytes: weights.bytes + written.bytes, sha256: Object.values(weights.files)[0]! };
    },
    undefined,
    { replace: true },
  );
}

/** Writes the averaged weights as a folder that opens as the checkpoint itself does. */
async function writeAverage(
  folder: string,
  content: CheckpointContent,
  ema: ReadonlyMap<string, Float32Array>,
): Promise<Record<string, string>> {
  const parameters = new Map([...content.model.parameters, ...ema]);
  const { files } = await writeWeights(join(folder, "ema"), {
    ...content,
    model: { ...content.model, parameters },
  });
  return Object.fromEntries(Object.entries(files).map(([name, sha256]) => [`ema/${name}`, sha256]));
}

async function writeWeights(
  folder: string,
  content: CheckpointContent,
): Promise<{ bytes: number; files: Record<string, string> }> {
  const { model, adapter, base } = content;
  if (adapter === undefined) {
    const tensors = [...model.shapes].map(([name, shape]) => ({
      name,
      dtype: "F32" as const,
      shape,
      data: model.parameters.get(name)!,
    }));
    const written = await writeModelFolder(folder, {
      config: { ...model.config, dtype: "float32" },
      tensors,
      copyFrom: base,
    });
    return { bytes: written.bytes, files: { ...written.sha256 } };
  }
  const factor = (key: string, shape: readonly number[]) => ({
    dtype: "F32" as const,
    shape,
    data: model.parameters.get(key)!,
  });
  const { rank } = adapter.settings;
  const written = await writePeftFolder(folder, {
    lora: adapter.settings,
    dropout: 0,
    baseModel: base,
    config: model.config,
    modules: adapter.modules.map((each) => [
      each.module,
      {
        a: factor(each.a, [rank, each.inputs]),
        b: factor(each.b, [each.outputs, rank]),
        ...(each.magnitude === undefined ? {} : { magnitude: factor(each.magnitude, [each.outputs]) }),
      },
    ]),
  });
  return { bytes: written.bytes, files: { "adapter_model.safetensors": written.sha256 } };
}

/** The hashes that are known, and those of the other files of a folder. */
async function hashes(
  folder: string,
  known: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const all: Record<string, string> = { ...known };
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isFile()) all[entry.name] ??= await sha256OfFile(join(folder, entry.name));
  return all;
}

/** Everything that an optimiser keeps, by the names in its file. */
export function optimiserArrays({ first, second, eightBit }: OptimiserState) {
  return [
    ...[...first].flatMap(([key, data]): [string, Float32Array | Uint8Array][] => [
      [`first.${key}`, data],
      [`second.${key}`, second.get(key)!],
    ]),
    ...[...(eightBit ?? [])].flatMap(([key, moments]) =>
      (["first", "second"] as const).flatMap((name): [string, Float32Array | Uint8Array][] => [
        [`${name}.${key}.codes`, moments[name].codes],
        [`${name}.${key}.scales`, moments[name].scales],
      ]),
    ),
  ];
}

/** Copies the moments of a checkpoint into `optimiser`. */
export function readOptimiser(folder: string, optimiser: OptimiserState, step: number): void {
  const file = readSafetensors(join(folder, optimiserFile));
  for (const [name, data] of optimiserArrays(optimiser)) data.set(file.tensor(name).data as Float32Array);
  optimiser.step = step;
}
