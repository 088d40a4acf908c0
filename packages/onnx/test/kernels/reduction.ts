import type { DType } from "../../src/ir/types.ts";
import { type Attributes, type Kernel, need, normal, offset, positions, type Value, value } from "./value.ts";

/** The elements of `x` that each element of the result is made of, in order; and the shape of the result. */
function groups(
  x: Value,
  axes: ReadonlySet<number>,
  keep: boolean,
): { shape: number[]; members: number[][] } {
  const kept = x.shape.map((size, axis) => (axes.has(axis) ? 1 : size));
  const members: number[][] = Array.from(
    { length: kept.reduce((product, size) => product * size, 1) },
    () => [],
  );
  let index = 0;
  for (const position of positions(x.shape)) members[offset(kept, position)]!.push(x.data[index++]!);
  return { shape: keep ? kept : kept.filter((_, axis) => !axes.has(axis)), members };
}

function axesOf(inputs: readonly (Value | undefined)[], attributes: Attributes): Set<number> {
  const rank = need(inputs, 0).shape.length;
  const given = inputs[1] === undefined ? (attributes.ints("axes") ?? []) : Array.from(inputs[1].data);
  if (given.length === 0 && attributes.int("noop_with_empty_axes", 0) === 1) return new Set();
  const all = Array.from({ length: rank }, (_, axis) => axis);
  return new Set(given.length === 0 ? all : given.map((axis) => normal(axis, rank)));
}

function reduce(compute: (elements: readonly number[]) => number): Kernel {
  return (inputs, attributes) => {
    const x = need(inputs, 0);
    const { shape, members } = groups(x, axesOf(inputs, attributes), attributes.int("keepdims", 1) === 1);
    return [value(x.dtype, shape, members.map(compute))];
  };
}

const sum = (elements: readonly number[]) => elements.reduce((total, x) => total + x, 0);
const largest = (elements: readonly number[]) =>
  elements.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

function logSumExp(elements: readonly number[]): number {
  const top = largest(elements);
  return Number.isFinite(top) ? top + Math.log(sum(elements.map((x) => Math.exp(x - top)))) : top;
}

const argMax: Kernel = (inputs, { int }) => {
  const x = need(inputs, 0);
  const axes = new Set([normal(int("axis", 0), x.shape.length)]);
  const { shape, members } = groups(x, axes, int("keepdims", 1) === 1);
  const last = int("select_last_index", 0) === 1;
  const pick = (elements: readonly number[]) =>
    last ? elements.lastIndexOf(largest(elements)) : elements.indexOf(largest(elements));
  return [value("int64" satisfies DType, shape, members.map(pick))];
};

export const reductionKernels = {
  ArgMax: argMax,
  ReduceLogSumExp: reduce(logSumExp),
  ReduceMax: (inputs, attributes) => {
    const least = need(inputs, 0).dtype === "bool" ? [0] : []; // of nothing: false
    return reduce((elements) => largest([...elements, ...least]))(inputs, attributes);
  },
  ReduceMean: reduce((elements) => sum(elements) / elements.length),
  ReduceSum: reduce(sum),
  ReduceSumSquare: reduce((elements) => sum(elements.map((x) => x * x))),
} satisfies Record<string, Kernel>;
