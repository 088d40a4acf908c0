import { fewestFor8Bit, type ModelConfig, type Moments8Bit, type Nf4Double, newMoments8Bit } from "@mede2/nn";
import { type ExternalPlace, externalInitializer, type TensorData } from "@mede2/onnx";
import { TrainerError } from "../trainer-error.ts";
import { momentShapes, type OptimiserSettings } from "./optimiser-settings.ts";

/** A model in memory: its configuration and every parameter by its checkpoint key. Steps update the arrays in place. */
export type ModelState = {
  readonly config: ModelConfig;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Where weights that nothing changes stand in the model's files, for graphs that hold them as constants. */
  readonly files?: WeightFiles;
  /** Frozen weights that are kept in four bits, and are missing in `parameters`: the base of QLoRA. */
  readonly nf4?: ReadonlyMap<string, Nf4Double>;
};

/** Places of float32 weights in the files of one folder. */
export type WeightFiles = { readonly folder: string; readonly places: ReadonlyMap<string, ExternalPlace> };

/** First and second moments of AdamW for each trained parameter (of Adafactor its rows and columns), and the number of steps taken. */
export type OptimiserState = {
  step: number;
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly second: ReadonlyMap<string, Float32Array>;
  /** Moments in eight bits, of parameters that are missing in the other two. */
  readonly eightBit?: ReadonlyMap<string, Moments8Bit>;
};

export function newOptimiserState(sizes: ReadonlyMap<string, number>): OptimiserState {
  const zeros = () => new Map([...sizes].map(([key, size]) => [key, new Float32Array(size)]));
  return { step: 0, first: zeros(), second: zeros() };
}

/** What an optimiser keeps of the parameters of these shapes, before its first step. */
export function optimiserStateFor(
  shapes: ReadonlyMap<string, readonly number[]>,
  optimiser: OptimiserSettings,
): OptimiserState {
  const first = new Map<string, Float32Array>();
  const second = new Map<string, Float32Array>();
  const eightBit = new Map<string, Moments8Bit>();
  for (const [key, shape] of shapes) {
    const size = elementCount(shape);
    if (optimiser.eightBit === true && size >= fewestFor8Bit) eightBit.set(key, newMoments8Bit(size));
    else {
      const [rows, columns] = momentShapes(optimiser, shape);
      first.set(key, new Float32Array(elementCount(rows)));
      second.set(key, new Float32Array(elementCount(columns)));
    }
  }
  return { step: 0, first, second, ...(optimiser.eightBit === true ? { eightBit } : {}) };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A parameter as a constant of a graph: its place in a file, or a view of its array, so the graph must be compiled before the array changes. */
export function weightBytes(model: ModelState, key: string): TensorData {
  const place = model.files?.places.get(key);
  if (place !== undefined) return externalInitializer(key, "float32", model.shapes.get(key)!, place);
  const data = parameter(model, key);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: "float32", shape: model.shapes.get(key)!, storage: { kind: "bytes", bytes } };
}

export function parameter(model: ModelState, key: string): Float32Array {
  const data = model.parameters.get(key);
  if (data === undefined)
    throw new TrainerError(
      "parameter-missing",
      `the model has no parameter ${key}`,
      "check that the folder holds a whole checkpoint",
    );
  return data;
}
