import { fill, type Kernel, moved, need, normal, positions, strides, type Value, value } from "./value.ts";

function at(x: Value, position: readonly number[]): number {
  const steps = strides(x.shape);
  return position.reduce((sum, index, axis) => sum + index * steps[axis]!, 0);
}

function inside(index: number, size: number): number {
  const from = index < 0 ? index + size : index;
  if (from < 0 || from >= size) throw new RangeError(`index ${index} is outside ${size}`);
  return from;
}

const gather: Kernel = (inputs, { int }) => {
  const [x, indices] = [need(inputs, 0), need(inputs, 1)];
  const axis = normal(int("axis", 0), x.shape.length);
  const rank = indices.shape.length;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return [
    fill(x.dtype, shape, (position) => {
      const index = indices.data[at(indices, position.slice(axis, axis + rank))]!;
      const from = [
        ...position.slice(0, axis),
        inside(index, x.shape[axis]!),
        ...position.slice(axis + rank),
      ];
      return x.data[at(x, from)]!;
    }),
  ];
};

const gatherElements: Kernel = (inputs, { int }) => {
  const [x, indices] = [need(inputs, 0), need(inputs, 1)];
  const axis = normal(int("axis", 0), x.shape.length);
  return [
    fill(x.dtype, indices.shape, (position) => {
      const index = inside(indices.data[at(indices, position)]!, x.shape[axis]!);
      return x.data[at(x, moved(position, axis, index))]!;
    }),
  ];
};

const combine: Readonly<Record<string, (old: number, update: number) => number>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

const scatterElements: Kernel = (inputs, { int, string }) => {
  const [x, indices, updates] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
  const axis = normal(int("axis", 0), x.shape.length);
  const merge = combine[string("reduction", "none")]!;
  const data = Float64Array.from(x.data);
  for (const position of positions(indices.shape)) {
    const index = inside(indices.data[at(indices, position)]!, x.shape[axis]!);
    const to = at(x, moved(position, axis, index));
    data[to] = merge(data[to]!, updates.data[at(updates, position)]!);
  }
  return [value(x.dtype, x.shape, data)];
};

export const indexingKernels = {
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
} satisfies Record<string, Kernel>;
