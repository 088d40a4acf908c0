import type { DType } from "../../src/ir/types.ts";

/** A dense tensor, every element a float64 whatever its type says; booleans are 0 and 1. Row-major. */
export interface Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** The attributes of a node, read with a default. */
export interface Attributes {
  readonly int: (name: string, fallback: number) => number;
  readonly float: (name: string, fallback: number) => number;
  readonly ints: (name: string) => readonly number[] | undefined;
  readonly string: (name: string, fallback: string) => string;
}

/** What an operation computes. An absent optional operand is undefined. */
export type Kernel = (inputs: readonly (Value | undefined)[], attributes: Attributes) => Value[];

export function value(dtype: DType, shape: readonly number[], data: ArrayLike<number>): Value {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (data.length !== size) throw new RangeError(`${data.length} elements for [${shape.join(", ")}]`);
  return { dtype, shape: [...shape], data: Float64Array.from(data) };
}

export function need(inputs: readonly (Value | undefined)[], index: number): Value {
  const found = inputs[index];
  if (found === undefined) throw new RangeError(`operand ${index} is missing`);
  return found;
}

/** How far apart neighbours along each axis are in `data`. */
export function strides(shape: readonly number[]): number[] {
  const out = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) out[axis] = out[axis + 1]! * shape[axis + 1]!;
  return out;
}

/** Every position of a tensor of `shape`, in row-major order. The array is reused. */
export function* positions(shape: readonly number[]): Generator<number[]> {
  if (shape.includes(0)) return;
  const at = shape.map(() => 0);
  for (;;) {
    yield at;
    let axis = shape.length - 1;
    while (axis >= 0 && ++at[axis]! === shape[axis]!) at[axis--] = 0;
    if (axis < 0) return;
  }
}

/** Offset of a position; axes of size 1 repeat, and leading axes that are not there are left out (broadcasting). */
export function offset(shape: readonly number[], position: readonly number[]): number {
  const steps = strides(shape);
  const added = position.length - shape.length;
  return shape.reduce(
    (sum, size, axis) => sum + (size === 1 ? 0 : position[axis + added]! * steps[axis]!),
    0,
  );
}

export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes
      .map((shape) => shape[axis - (rank - shape.length)] ?? 1)
      .filter((size) => size !== 1);
    if (new Set(sizes).size > 1) throw new RangeError(`sizes ${sizes.join(", ")} do not broadcast`);
    return sizes[0] ?? 1;
  });
}

/** A tensor of `shape` whose element at each position is `read` of that position. */
export function fill(
  dtype: DType,
  shape: readonly number[],
  read: (position: readonly number[]) => number,
): Value {
  const data: number[] = [];
  for (const position of positions(shape)) data.push(read(position));
  return value(dtype, shape, data);
}

export function normal(axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  if (from < 0 || from >= rank) throw new RangeError(`axis ${axis} is outside rank ${rank}`);
  return from;
}

/** `position` with the index along `axis` replaced. */
export function moved(position: readonly number[], axis: number, index: number): number[] {
  return position.map((own, at) => (at === axis ? index : own));
}
