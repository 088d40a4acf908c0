import type { DType } from "../../src/ir/types.ts";
import { broadcast, fill, type Kernel, need, offset, type Value, value } from "./value.ts";

function unary(compute: (x: number) => number): Kernel {
  return (inputs) => {
    const x = need(inputs, 0);
    return [value(x.dtype, x.shape, x.data.map(compute))];
  };
}

function zip(inputs: readonly Value[], dtype: DType, compute: (...elements: number[]) => number): Value {
  return fill(dtype, broadcast(...inputs.map((x) => x.shape)), (position) =>
    compute(...inputs.map((x) => x.data[offset(x.shape, position)]!)),
  );
}

function nary(compute: (...elements: number[]) => number, result?: DType): Kernel {
  return (inputs) => {
    const operands = inputs.map((_, index) => need(inputs, index));
    return [zip(operands, result ?? operands[0]!.dtype, compute)];
  };
}

const isInteger = (dtype: DType) => /^u?int/.test(dtype);

/** erf by its Taylor series (DLMF 7.6.1) below 2, by the continued fraction of erfc (DLMF 7.9.1) above. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2) {
    let term = x;
    let total = x;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(total); n++) {
      term *= (-x * x) / n;
      total += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * total;
  }
  let fraction = a;
  for (let n = 120; n >= 1; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (fraction * Math.sqrt(Math.PI)));
}

const gelu: Kernel = (inputs, { string }) => {
  const x = need(inputs, 0);
  const exact = (v: number) => 0.5 * v * (1 + erf(v / Math.SQRT2));
  const byTanh = (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  return [value(x.dtype, x.shape, x.data.map(string("approximate", "none") === "tanh" ? byTanh : exact))];
};

const dtypes: Readonly<Record<number, DType>> = {
  1: "float32",
  6: "int32",
  7: "int64",
  9: "bool",
  11: "float64",
};

const cast: Kernel = (inputs, { int }) => {
  const x = need(inputs, 0);
  const dtype = dtypes[int("to", 0)];
  if (dtype === undefined) throw new RangeError(`the evaluator cannot cast to type ${int("to", 0)}`);
  const convert = isInteger(dtype)
    ? Math.trunc
    : dtype === "bool"
      ? (v: number) => Number(v !== 0)
      : (v: number) => v;
  return [value(dtype, x.shape, x.data.map(convert))];
};

const clip: Kernel = (inputs) => {
  const x = need(inputs, 0);
  const low = inputs[1]?.data[0] ?? Number.NEGATIVE_INFINITY;
  const high = inputs[2]?.data[0] ?? Number.POSITIVE_INFINITY;
  return [
    value(
      x.dtype,
      x.shape,
      x.data.map((v) => Math.min(Math.max(v, low), high)),
    ),
  ];
};

const div: Kernel = (inputs) => {
  const [a, b] = [need(inputs, 0), need(inputs, 1)];
  return [zip([a, b], a.dtype, isInteger(a.dtype) ? (x, y) => Math.trunc(x! / y!) : (x, y) => x! / y!)];
};

const softplus = (x: number) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

const quickGelu: Kernel = (inputs, { float }) => {
  const x = need(inputs, 0);
  const alpha = float("alpha", 1.702);
  return [
    value(
      x.dtype,
      x.shape,
      x.data.map((v) => v / (1 + Math.exp(-alpha * v))),
    ),
  ];
};

export const elementwiseKernels = {
  Abs: unary(Math.abs),
  Add: nary((a, b) => a! + b!),
  And: nary((a, b) => a! & b!, "bool"),
  Cast: cast,
  Clip: clip,
  Cos: unary(Math.cos),
  Div: div,
  Equal: nary((a, b) => Number(a === b), "bool"),
  Erf: unary(erf),
  Exp: unary(Math.exp),
  Gelu: gelu,
  Greater: nary((a, b) => Number(a! > b!), "bool"),
  Identity: unary((x) => x),
  Less: nary((a, b) => Number(a! < b!), "bool"),
  Log: unary(Math.log),
  Max: nary(Math.max),
  Min: nary(Math.min),
  Mul: nary((a, b) => a! * b!),
  Neg: unary((x) => -x),
  Not: unary((x) => 1 - x),
  Or: nary((a, b) => a! | b!, "bool"),
  Pow: nary((a, b) => a! ** b!),
  QuickGelu: quickGelu,
  Reciprocal: unary((x) => 1 / x),
  Relu: unary((x) => Math.max(x, 0)),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Sin: unary(Math.sin),
  Softplus: unary(softplus),
  Sqrt: unary(Math.sqrt),
  Sub: nary((a, b) => a! - b!),
  Sum: nary((...parts) => parts.reduce((sum, part) => sum + part, 0)),
  Tanh: unary(Math.tanh),
  Where: (inputs) => {
    const [condition, a, b] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
    return [zip([condition, a, b], a.dtype, (c, x, y) => (c === 0 ? y! : x!))];
  },
} satisfies Record<string, Kernel>;
