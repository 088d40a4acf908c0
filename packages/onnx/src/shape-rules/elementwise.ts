import { isFloat } from "../ir/dtype.ts";
import { dtypeOfCode } from "../ir/dtype-codes.ts";
import type { Tensor } from "../ir/types.ts";
import { broadcastShapes, commonType, fail, operand, type ShapeRule } from "./shapes.ts";

const unary: ShapeRule = (context) => {
  const x = operand(context, 0);
  return [{ dtype: x.dtype, shape: x.shape }];
};

const floatUnary: ShapeRule = (context) =>
  isFloat(operand(context, 0).dtype) ? unary(context) : fail("needs floating-point elements");

const broadcast: ShapeRule = (context) => {
  const operands = context.inputs.map((_, index) => operand(context, index));
  if (operands.length === 0) fail("needs operands");
  return [{ dtype: commonType(...operands), shape: broadcastShapes(...operands.map((x) => x.shape)) }];
};

const logic: ShapeRule = (context) => {
  for (const index of context.inputs.keys()) boolean(operand(context, index));
  return broadcast(context);
};

function boolean(x: Tensor): Tensor {
  return x.dtype === "bool" ? x : fail("conditions must be bool");
}

const compare: ShapeRule = (context) => [{ ...broadcast(context)[0]!, dtype: "bool" }];

export const elementwiseRules = {
  Abs: unary,
  Add: broadcast,
  And: logic,
  Cast: (context) => {
    const to = context.attributes.to;
    const dtype = typeof to === "number" ? dtypeOfCode(to) : undefined;
    return [{ dtype: dtype ?? fail(`unknown target type ${String(to)}`), shape: operand(context, 0).shape }];
  },
  Clip: unary,
  Cos: floatUnary,
  Div: broadcast,
  Equal: compare,
  Erf: floatUnary,
  Exp: floatUnary,
  Gelu: floatUnary,
  QuickGelu: floatUnary,
  Greater: compare,
  Identity: unary,
  Less: compare,
  Log: floatUnary,
  Max: broadcast,
  Min: broadcast,
  Mul: broadcast,
  Neg: unary,
  Not: logic,
  Or: logic,
  Pow: (context) => [
    {
      dtype: operand(context, 0).dtype,
      shape: broadcastShapes(operand(context, 0).shape, operand(context, 1).shape),
    },
  ],
  Reciprocal: floatUnary,
  Relu: unary,
  Sigmoid: floatUnary,
  Sin: floatUnary,
  Softplus: floatUnary,
  Sqrt: floatUnary,
  Sub: broadcast,
  Sum: broadcast,
  Tanh: floatUnary,
  Where: (context) => {
    const [condition, a, b] = [boolean(operand(context, 0)), operand(context, 1), operand(context, 2)];
    return [{ dtype: commonType(a, b), shape: broadcastShapes(condition.shape, a.shape, b.shape) }];
  },
} satisfies Record<string, ShapeRule>;
