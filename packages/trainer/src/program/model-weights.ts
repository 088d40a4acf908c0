import {
  constantWeights,
  dequantiseNf4,
  fromRowsInput,
  headKey,
  inputWeights,
  int8Block,
  mayBeInt8,
  type Nf4Double,
  nf4Arrays,
  quantiseInt8,
  spreadScales,
  type Weights,
  withInt8,
  withNf4,
} from "@mede2/nn";
import type { GraphBuilder, TensorData } from "@mede2/onnx";
import type { HostTensor } from "../device/device.ts";
import { elementCount, type ModelState, parameter, weightBytes } from "./model-state.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Weights of a graph that is fed with them; `nf4` are the keys of those that are kept in four bits. */
export function fedWeights(g: GraphBuilder, shapes: Shapes, nf4?: ReadonlySet<string>): Weights {
  const weights = inputWeights(g, shapes);
  if (nf4 === undefined) return weights;
  return withNf4(...([weights, shapes, (key: string) => nf4.has(key)] as const), (to, name, dtype, shape) =>
    to.input(name, dtype, shape),
  );
}

/** Weights of a graph that holds them as constants; with `int8` it multiplies with those of the decoder in eight bits. */
export function fixedWeights(g: GraphBuilder, model: ModelState, int8 = false): Weights {
  const weights = numberWeights(g, model);
  if (!int8) return weights;
  const head = headKey(model.config);
  const isInt8 = (key: string) => model.parameters.has(key) && mayBeInt8(key, model.shapes.get(key)!, head);
  return withInt8(weights, model.shapes, isInt8, (to, key) => {
    const [outputs, inputs] = model.shapes.get(key) as readonly [number, number];
    const { codes, scales } = quantiseInt8(parameter(model, key), outputs, inputs);
    const blocks = scales.length / outputs;
    return {
      codes: to.initializer(`${key}.int8`, constant(codes, "uint8", [outputs, blocks, int8Block])),
      scales: to.initializer(`${key}.int8.scales`, constant(scales, "float32", [outputs, blocks])),
    };
  });
}

function numberWeights(g: GraphBuilder, model: ModelState): Weights {
  const weights = constantWeights(g, model.shapes, (key) => weightBytes(model, key));
  const { nf4 } = model;
  if (nf4 === undefined) return weights;
  return withNf4(
    ...([weights, model.shapes, (key: string) => nf4.has(key)] as const),
    (to, name, dtype, shape) => to.initializer(name, constant(packedArrays(model).get(name)!, dtype, shape)),
  );
}

function constant(
  data: Uint8Array | Float32Array,
  dtype: TensorData["dtype"],
  shape: readonly number[],
): TensorData {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, storage: { kind: "bytes", bytes } };
}

/** The arrays of a model that a graph asks for by its inputs, weights in numbers and in four bits. */
export function weightFeeds(
  model: ModelState,
  inputs: readonly string[],
  shapeOf: (key: string, data: Float32Array) => readonly number[],
): Record<string, HostTensor> {
  const packed = packedArrays(model);
  return Object.fromEntries(
    inputs.flatMap((name): [string, HostTensor][] => {
      const data = model.parameters.get(name);
      if (data !== undefined) return [[name, { data, shape: shapeOf(name, data) }]];
      const rows = fromRowsInput(name);
      if (rows !== undefined) return [[name, rowsOf(model, rows)]];
      const four = packed.get(name);
      if (four === undefined) return [];
      const shape = name.endsWith(".scales.scales") ? [four.length, 1] : [four.length];
      return [[name, { data: four, shape }]];
    }),
  );
}

/** Rows of a weight, without a copy. */
function rowsOf(
  model: ModelState,
  { key, from, to }: { readonly key: string; readonly from: number; readonly to: number },
): HostTensor {
  const width = elementCount(model.shapes.get(key)!.slice(1));
  return { data: parameter(model, key).subarray(from * width, to * width), shape: [to - from, width] };
}

const packedOf = new WeakMap<
  ReadonlyMap<string, Nf4Double>,
  ReadonlyMap<string, Uint8Array | Float32Array>
>();

function packedArrays({ nf4 }: ModelState): ReadonlyMap<string, Uint8Array | Float32Array> {
  if (nf4 === undefined) return new Map();
  const known = packedOf.get(nf4);
  if (known !== undefined) return known;
  const made = new Map([...nf4].flatMap(([key, weight]) => nf4Arrays(key, weight)));
  packedOf.set(nf4, made);
  return made;
}

/** A weight in numbers, whatever form it is kept in. */
export function weightNumbers(model: ModelState, key: string): Float32Array {
  const four = model.nf4?.get(key);
  return four === undefined ? parameter(model, key) : dequantiseNf4(spreadScales(four));
}

/** Which weights of a model are kept in four bits, as graphs are told. */
export function fourBitKeys({ nf4 }: ModelState): { readonly fourBit?: ReadonlySet<string> } {
  return nf4 === undefined ? {} : { fourBit: new Set(nf4.keys()) };
}
