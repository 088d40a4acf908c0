import { broadcast, fill, type Kernel, need, offset, type Value } from "./value.ts";

/** The last two axes exchanged. */
function transposed(x: Value): Value {
  const rank = x.shape.length;
  const order = x.shape.map((_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
  return permuted(x, order);
}

/** [d0, d1, …, m, k] → [d1, …, m, d0, k]. */
function batchTransposed(x: Value): Value {
  const rank = x.shape.length;
  return permuted(x, [...Array.from({ length: rank - 2 }, (_, axis) => axis + 1), 0, rank - 1]);
}

function permuted(x: Value, order: readonly number[]): Value {
  return fill(
    x.dtype,
    order.map((axis) => x.shape[axis]!),
    (position) => {
      const at = x.shape.map(() => 0);
      for (const [to, from] of order.entries()) at[from] = position[to]!;
      return x.data[offset(x.shape, at)]!;
    },
  );
}

/** A row before, or a column after, is added to a vector and taken away again, as NumPy does. */
function vectorsToo(a: Value, b: Value): Value {
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  const whole = product(
    row ? { ...a, shape: [1, ...a.shape] } : a,
    column ? { ...b, shape: [...b.shape, 1] } : b,
    1,
  );
  const shape = [...whole.shape];
  if (column) shape.pop();
  if (row) shape.splice(shape.length - (column ? 1 : 2), 1);
  return { ...whole, shape };
}

/** NumPy's matmul for two or more dimensions. */
function product(a: Value, b: Value, alpha: number): Value {
  if (a.shape.length < 2 || b.shape.length < 2)
    throw new RangeError("the evaluator multiplies matrices only");
  const inner = a.shape.at(-1)!;
  if (inner !== b.shape.at(-2))
    throw new RangeError(`inner dimensions ${inner} and ${b.shape.at(-2)} differ`);
  const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), a.shape.at(-2)!, b.shape.at(-1)!];
  return fill(a.dtype, shape, (position) => {
    const batch = position.slice(0, -2);
    const [row, column] = [position.at(-2)!, position.at(-1)!];
    let total = 0;
    for (let k = 0; k < inner; k++)
      total += a.data[offset(a.shape, [...batch, row, k])]! * b.data[offset(b.shape, [...batch, k, column])]!;
    return alpha * total;
  });
}

/** The sixteen values of NormalFloat4 (arXiv 2305.14314, appendix E). */
const nf4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
  -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
  0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];

export const matmulKernels = {
  FusedMatMul: (inputs, { int, float }) => {
    const operand = (index: number, letter: string) => {
      const x = need(inputs, index);
      const rotated = int(`transBatch${letter}`, 0) === 1 ? batchTransposed(x) : x;
      return int(`trans${letter}`, 0) === 1 ? transposed(rotated) : rotated;
    };
    return [product(operand(0, "A"), operand(1, "B"), float("alpha", 1))];
  },
  MatMulBnb4: (inputs, { int }) => {
    const [a, codes, scales] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
    const shape = [int("N", 0), int("K", 0)];
    const w = fill("float64", shape, ([n, k]) => {
      const at = n! * shape[1]! + k!;
      const byte = codes.data[Math.floor(at / 2)]!;
      const code = at % 2 === 0 ? byte >> 4 : byte & 15;
      return nf4[code]! * scales.data[Math.floor(at / int("block_size", 64))]!;
    });
    return [product(a, transposed(w), 1)];
  },
  MatMulNBits: (inputs, { int }) => {
    const [a, codes, scales] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
    const size = int("block_size", 32);
    const blocks = Math.ceil(int("K", 0) / size);
    const w = fill("float64", [int("N", 0), int("K", 0)], ([n, k]) => {
      const block = n! * blocks + Math.floor(k! / size);
      return (codes.data[block * size + (k! % size)]! - 128) * scales.data[block]!;
    });
    return [product(a, transposed(w), 1)];
  },
  MatMul: (inputs) => [vectorsToo(need(inputs, 0), need(inputs, 1))],
} satisfies Record<string, Kernel>;
