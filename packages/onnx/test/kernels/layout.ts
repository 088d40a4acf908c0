import { broadcast, fill, type Kernel, moved, need, normal, offset, type Value, value } from "./value.ts";

const numbers = (x: Value) => Array.from(x.data);

const concat: Kernel = (inputs, { int }) => {
  const parts = inputs.map((_, index) => need(inputs, index));
  const axis = normal(int("axis", 0), parts[0]!.shape.length);
  const total = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const shape = moved(parts[0]!.shape, axis, total);
  return [
    fill(parts[0]!.dtype, shape, (position) => {
      let index = position[axis]!;
      const part = parts.find((each) => {
        if (index < each.shape[axis]!) return true;
        index -= each.shape[axis]!;
        return false;
      })!;
      return part.data[exact(part.shape, moved(position, axis, index))]!;
    }),
  ];
};

/** Offset without broadcasting. */
function exact(shape: readonly number[], position: readonly number[]): number {
  return shape.reduce((sum, size, axis) => sum * size + position[axis]!, 0);
}

const pad: Kernel = (inputs, { string }) => {
  const x = need(inputs, 0);
  const pads = numbers(need(inputs, 1));
  if (string("mode", "constant") !== "constant")
    throw new RangeError("the evaluator pads by a constant only");
  const axes = inputs[3] === undefined ? x.shape.map((_, axis) => axis) : numbers(inputs[3]);
  const before = x.shape.map(() => 0);
  const shape = [...x.shape];
  for (const [index, given] of axes.entries()) {
    const axis = normal(given, x.shape.length);
    before[axis] = pads[index]!;
    shape[axis] = x.shape[axis]! + pads[index]! + pads[index + axes.length]!;
  }
  const padding = inputs[2]?.data[0] ?? 0;
  return [
    fill(x.dtype, shape, (position) => {
      const at = position.map((index, axis) => index - before[axis]!);
      const inside = at.every((index, axis) => index >= 0 && index < x.shape[axis]!);
      return inside ? x.data[exact(x.shape, at)]! : padding;
    }),
  ];
};

const reshape: Kernel = (inputs, { int }) => {
  const x = need(inputs, 0);
  const copies = int("allowzero", 0) === 0;
  const shape = numbers(need(inputs, 1)).map((size, axis) => (size === 0 && copies ? x.shape[axis]! : size));
  const rest = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  return [
    value(
      x.dtype,
      shape.map((size) => (size === -1 ? x.data.length / rest : size)),
      x.data,
    ),
  ];
};

const slice: Kernel = (inputs) => {
  const x = need(inputs, 0);
  const [starts, ends] = [numbers(need(inputs, 1)), numbers(need(inputs, 2))];
  const axes = inputs[3] === undefined ? starts.map((_, index) => index) : numbers(inputs[3]);
  const steps = inputs[4] === undefined ? starts.map(() => 1) : numbers(inputs[4]);
  const first = x.shape.map(() => 0);
  const step = x.shape.map(() => 1);
  const shape = [...x.shape];
  for (const [index, given] of axes.entries()) {
    const axis = normal(given, shape.length);
    const size = x.shape[axis]!;
    const by = steps[index]!;
    const low = by > 0 ? 0 : -1;
    const high = by > 0 ? size : size - 1;
    const bound = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
    const start = Math.min(Math.max(bound(starts[index]!), 0), high);
    first[axis] = start;
    step[axis] = by;
    shape[axis] = Math.max(0, Math.ceil((bound(ends[index]!) - start) / by));
  }
  return [
    fill(
      x.dtype,
      shape,
      (position) =>
        x.data[
          exact(
            x.shape,
            position.map((index, axis) => first[axis]! + index * step[axis]!),
          )
        ]!,
    ),
  ];
};

const squeeze: Kernel = (inputs) => {
  const x = need(inputs, 0);
  const axes = inputs[1] && new Set(numbers(inputs[1]).map((axis) => normal(axis, x.shape.length)));
  return [
    value(
      x.dtype,
      x.shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.has(axis))),
      x.data,
    ),
  ];
};

const transpose: Kernel = (inputs, { ints }) => {
  const x = need(inputs, 0);
  const perm = ints("perm") ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  return [
    fill(
      x.dtype,
      perm.map((axis) => x.shape[axis]!),
      (position) => {
        const at = x.shape.map(() => 0);
        for (const [to, from] of perm.entries()) at[from] = position[to]!;
        return x.data[exact(x.shape, at)]!;
      },
    ),
  ];
};

const unsqueeze: Kernel = (inputs) => {
  const x = need(inputs, 0);
  const given = numbers(need(inputs, 1));
  const rank = x.shape.length + given.length;
  const axes = new Set(given.map((axis) => normal(axis, rank)));
  const sizes = [...x.shape];
  return [
    value(
      x.dtype,
      Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : sizes.shift()!)),
      x.data,
    ),
  ];
};

export const layoutKernels = {
  Concat: concat,
  Expand: (inputs) => {
    const x = need(inputs, 0);
    const shape = broadcast(x.shape, numbers(need(inputs, 1)));
    return [fill(x.dtype, shape, (position) => x.data[offset(x.shape, position)]!)];
  },
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
} satisfies Record<string, Kernel>;
