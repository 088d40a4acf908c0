import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { renderWardImage, wardVisionItems, wardVisionLabels } from "@mede2/data";
import { imageProcessor, openModelFolder, readImageProcessor, writeModelFolder } from "@mede2/nn";
import { readSafetensors, toFloat32, writeSafetensors } from "@mede2/safetensors";
import { loadModel, openCpuDevice } from "@mede2/trainer";
import { tinyPreprocessor } from "./tiny-model.ts";
import { newTowerState, type TowerState, trainTower } from "./train-tower.ts";

export type TowerStageSettings = {
  /** HF folder with fresh weights, and the folder to write. */
  readonly from: string;
  readonly to: string;
  /** Where unfinished work is kept. */
  readonly work: string;
  readonly pictures: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: number, steps: number, loss: number, accuracy: number) => void;
};

const saveEvery = 100;

/** Trains the vision tower and writes a model folder. Killed at any moment, it goes on from the last hundred steps. */
export async function towerStage(settings: TowerStageSettings): Promise<string> {
  if (existsSync(settings.to)) return settings.to;
  const { state: model } = await loadModel(settings.from);
  const state = newTowerState(model, wardVisionLabels.length);
  const saved = join(settings.work, "tower-state.safetensors");
  await mkdir(settings.work, { recursive: true });
  restore(state, saved);
  const examples = pictureDeck(settings);
  const steps = Math.floor((settings.pictures * settings.epochs) / settings.batch);
  const device = await openCpuDevice(settings.threads);
  const { batch, learningRate } = settings;
  await trainTower(
    device,
    model,
    state,
    { steps, batch, learningRate, labels: wardVisionLabels.length },
    examples,
    async (step, loss, accuracy) => {
      settings.onStep?.(step, steps, loss, accuracy);
      if (step % saveEvery === 0) await save(state, saved);
      await new Promise((resolve) => setImmediate(resolve));
      return settings.signal?.aborted === true;
    },
  );
  settings.signal?.throwIfAborted();
  const { config } = await openModelFolder(settings.from);
  const tensors = [...model.shapes].map(([name, shape]) => ({
    name,
    dtype: "F32" as const,
    shape,
    data: model.parameters.get(name)!,
  }));
  await writeModelFolder(settings.to, { config, tensors, copyFrom: settings.from });
  return settings.to;
}

/** The pictures of a step: a deck of `pictures` that is drawn once (12 KB each) and gone through `epochs` times, each time in another order of 32s. */
function pictureDeck({ pictures, batch, seed }: TowerStageSettings) {
  const process = imageProcessor(readImageProcessor(tinyPreprocessor));
  const items = wardVisionItems({ count: pictures, seed });
  const drawn = new Map<number, ReturnType<typeof renderWardImage>>();
  return (step: number) =>
    Array.from({ length: batch }, (_, n) => {
      const at = (step * batch + n) % pictures;
      const image = drawn.get(at) ?? renderWardImage(items[at]!.image);
      drawn.set(at, image);
      return { image: process(image), label: items[at]!.label };
    });
}

async function save(state: TowerState, path: string): Promise<void> {
  const tensors = [...state.arrays].map(([name, data]) => ({
    name,
    dtype: "F32" as const,
    shape: [data.length],
    data,
  }));
  await writeSafetensors(path, tensors, { metadata: { step: String(state.step) } });
}

function restore(state: TowerState, path: string): void {
  if (!existsSync(path)) return;
  const file = readSafetensors(path);
  for (const [name, data] of state.arrays) data.set(toFloat32(file.tensor(name)));
  state.step = Number(file.metadata.step);
}
