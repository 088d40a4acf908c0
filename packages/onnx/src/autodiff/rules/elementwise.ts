import {
  add,
  and,
  cast,
  cos,
  div,
  erf,
  exp,
  greater,
  less,
  mul,
  neg,
  not,
  pow,
  sigmoid,
  sin,
  sub,
  tanh,
  where,
} from "../../ops/elementwise.ts";
import type { GradientRule, NoGradient } from "../rule.ts";

const boolean: NoGradient = { none: "its result is not a number" };
const passThrough: GradientRule = (_, dy) => [() => dy];

/** d|x| = sign(x); 0 at 0. */
const absGradient: GradientRule = ({ g, input }, dy) => [
  () => {
    const x = input(0);
    const positive = where(g, greater(g, x, 0), dy, 0);
    return where(g, less(g, x, 0), neg(g, dy), positive);
  },
];

/** The larger (or smaller) operand takes the gradient; the first one where they are equal. */
function selecting(firstWins: "greater" | "less"): GradientRule {
  return ({ g, node, input }, dy) => {
    if (node.inputs.length !== 2) throw new RangeError(`${node.op} takes two operands here`);
    const loses = () =>
      firstWins === "greater" ? less(g, input(0), input(1)) : greater(g, input(0), input(1));
    return [() => where(g, loses(), 0, dy), () => where(g, loses(), dy, 0)];
  };
}

/** d/dx of gelu: Φ(x) + x φ(x), or the derivative of the tanh form (arXiv 1606.08415). */
const geluGradient: GradientRule = ({ g, input, attribute }, dy) => [
  () => {
    const x = input(0);
    const approximate = attribute("approximate");
    const square = mul(g, x, x);
    if (approximate?.type !== "string" || approximate.value !== "tanh") {
      const cdf = mul(g, add(g, erf(g, mul(g, x, Math.SQRT1_2)), 1), 0.5);
      const density = mul(g, exp(g, mul(g, square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return mul(g, dy, add(g, cdf, mul(g, x, density)));
    }
    const scale = Math.sqrt(2 / Math.PI);
    const t = tanh(g, mul(g, mul(g, x, add(g, mul(g, square, 0.044715), 1)), scale));
    const inner = mul(g, add(g, mul(g, square, 3 * 0.044715), 1), scale);
    const slope = mul(g, sub(g, 1, mul(g, t, t)), mul(g, x, inner));
    return mul(g, dy, mul(g, add(g, add(g, t, 1), slope), 0.5));
  },
];

/** d/dx of y = x · σ(αx): σ · (1 + α · (x − y)). */
const quickGeluGradient: GradientRule = ({ g, input, output, float }, dy) => [
  () => {
    const alpha = float("alpha", 1.702);
    const [x, rest] = [input(0), sub(g, input(0), output(0))];
    const slope = add(g, alpha === 1 ? rest : mul(g, rest, alpha), 1);
    return mul(g, dy, mul(g, slope, sigmoid(g, alpha === 1 ? x : mul(g, x, alpha))));
  },
];

export const elementwiseGradients = {
  Abs: absGradient,
  Add: (_, dy) => [() => dy, () => dy],
  And: boolean,
  Cast: ({ g, input }, dy) => [() => cast(g, dy, input(0).dtype)],
  Clip: ({ g, input }, dy) => [
    () => {
      const outside = and(g, not(g, less(g, input(0), input(1))), not(g, greater(g, input(0), input(2))));
      return where(g, outside, dy, 0);
    },
    undefined,
    undefined,
  ],
  Cos: ({ g, input }, dy) => [() => neg(g, mul(g, dy, sin(g, input(0))))],
  Div: ({ g, input, output }, dy) => [
    () => div(g, dy, input(1)),
    () => neg(g, div(g, mul(g, dy, output(0)), input(1))),
  ],
  Equal: boolean,
  Erf: ({ g, input }, dy) => [
    () => mul(g, mul(g, dy, exp(g, neg(g, mul(g, input(0), input(0))))), 2 / Math.sqrt(Math.PI)),
  ],
  Exp: ({ g, output }, dy) => [() => mul(g, dy, output(0))],
  Gelu: geluGradient,
  Greater: boolean,
  Identity: passThrough,
  Less: boolean,
  Log: ({ g, input }, dy) => [() => div(g, dy, input(0))],
  Max: selecting("greater"),
  Min: selecting("less"),
  Mul: ({ g, input }, dy) => [() => mul(g, dy, input(1)), () => mul(g, dy, input(0))],
  Neg: ({ g }, dy) => [() => neg(g, dy)],
  Not: boolean,
  Or: boolean,
  /** Only the base: an exponent that is trained is not supported. */
  Pow: ({ g, input }, dy) => [
    () => mul(g, dy, mul(g, input(1), pow(g, input(0), sub(g, input(1), 1)))),
    undefined,
  ],
  QuickGelu: quickGeluGradient,
  Reciprocal: ({ g, output }, dy) => [() => neg(g, mul(g, dy, mul(g, output(0), output(0))))],
  Relu: ({ g, input }, dy) => [() => where(g, greater(g, input(0), 0), dy, 0)],
  Sigmoid: ({ g, output }, dy) => [() => mul(g, dy, mul(g, output(0), sub(g, 1, output(0))))],
  Sin: ({ g, input }, dy) => [() => mul(g, dy, cos(g, input(0)))],
  Softplus: ({ g, input }, dy) => [() => mul(g, dy, sigmoid(g, input(0)))],
  Sqrt: ({ g, output }, dy) => [() => div(g, mul(g, dy, 0.5), output(0))],
  Sub: ({ g }, dy) => [() => dy, () => neg(g, dy)],
  Sum: ({ node }, dy) => node.inputs.map(() => () => dy),
  Tanh: ({ g, output }, dy) => [() => mul(g, dy, sub(g, 1, mul(g, output(0), output(0))))],
  Where: ({ g, input }, dy) => [undefined, () => where(g, input(0), dy, 0), () => where(g, input(0), 0, dy)],
} satisfies Record<string, GradientRule | NoGradient>;
