import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import { isArrayDType } from "../ir/dtype.ts";
import { DTYPE_CODES } from "../ir/dtype-codes.ts";
import type { DType, Tensor } from "../ir/types.ts";
import type { OpName } from "../op-names.ts";

/** An operand: a tensor, or a number that becomes a constant of the other operand's type. */
export type Operand = Tensor | number;

type Unary = (g: GraphBuilder, x: Tensor) => Tensor;
type Binary = (g: GraphBuilder, a: Operand, b: Operand) => Tensor;

function unary(op: OpName): Unary {
  return (g, x) => g.emit(op, [x])[0]!;
}

function lift(g: GraphBuilder, value: Operand, like: Operand): Tensor {
  if (typeof value !== "number") return value;
  if (typeof like === "number" || !isArrayDType(like.dtype))
    throw new GraphError("untyped", `${value} needs an operand that gives it a type`);
  return g.scalar(value, like.dtype);
}

function binary(op: OpName): Binary {
  return (g, a, b) => g.emit(op, [lift(g, a, b), lift(g, b, a)])[0]!;
}

export const abs = unary("Abs");
export const cos = unary("Cos");
export const erf = unary("Erf");
export const exp = unary("Exp");
export const identity = unary("Identity");
export const log = unary("Log");
export const neg = unary("Neg");
export const not = unary("Not");
export const reciprocal = unary("Reciprocal");
export const relu = unary("Relu");
export const sigmoid = unary("Sigmoid");
export const sin = unary("Sin");
export const softplus = unary("Softplus");
export const sqrt = unary("Sqrt");
export const tanh = unary("Tanh");

export const add = binary("Add");
export const sub = binary("Sub");
export const mul = binary("Mul");
export const div = binary("Div");
export const pow = binary("Pow");
export const max = binary("Max");
export const min = binary("Min");
export const equal = binary("Equal");
export const greater = binary("Greater");
export const less = binary("Less");
export const and = binary("And");
export const or = binary("Or");

/** x · Φ(x), or its tanh approximation. */
export function gelu(g: GraphBuilder, x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  return g.emit("Gelu", [x], { approximate })[0]!;
}

/** x · sigmoid(x): com.microsoft.QuickGelu with alpha 1, which keeps nothing but x for the backward pass. */
export function silu(g: GraphBuilder, x: Tensor): Tensor {
  return quickGelu(g, x, 1);
}

/** x · sigmoid(alpha · x) (com.microsoft.QuickGelu). */
export function quickGelu(g: GraphBuilder, x: Tensor, alpha = 1.702): Tensor {
  return g.emit("QuickGelu", [x], { alpha: { float: alpha } })[0]!;
}

/** Sum of any number of tensors. */
export function sum(g: GraphBuilder, ...parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : g.emit("Sum", parts)[0]!;
}

/** `a` where `condition`, else `b`. */
export function where(g: GraphBuilder, condition: Tensor, a: Operand, b: Operand): Tensor {
  return g.emit("Where", [condition, lift(g, a, b), lift(g, b, a)])[0]!;
}

export function clip(g: GraphBuilder, x: Tensor, low: number, high: number): Tensor {
  return g.emit("Clip", [x, lift(g, low, x), lift(g, high, x)])[0]!;
}

export function cast(g: GraphBuilder, x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  return g.emit("Cast", [x], { to: DTYPE_CODES[dtype] })[0]!;
}

/** The value of `x` as a constant: no gradient flows into it. */
export function stopGradient(g: GraphBuilder, x: Tensor): Tensor {
  const stopped = identity(g, x);
  g.stopped.add(stopped.name);
  return stopped;
}
