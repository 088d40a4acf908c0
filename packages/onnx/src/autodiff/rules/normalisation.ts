import type { Tensor } from "../../ir/types.ts";
import { exp, mul, neg, sub } from "../../ops/elementwise.ts";
import { rotaryEmbedding } from "../../ops/normalisation.ts";
import { reduceMean, reduceSum } from "../../ops/reduction.ts";
import type { GradientRule, NoGradient, RuleContext } from "../rule.ts";

function once(make: () => Tensor): () => Tensor {
  let made: Tensor | undefined;
  return () => (made ??= make());
}

/** y = scale · x̂, x̂ = (x − mean) · inverse. dx = inverse · (u − mean(u) − x̂ · mean(u · x̂)), u = dy · scale; RMS norm has no mean terms. */
function norm(context: RuleContext, dy: Tensor, centred: boolean): readonly (() => Tensor)[] {
  const { g, input, output } = context;
  const inverse = () => output(centred ? 2 : 1);
  const normal = once(() => mul(g, centred ? sub(g, input(0), output(1)) : input(0), inverse()));
  const mean = (x: Tensor) => reduceMean(g, x, [-1]);
  const dx = () => {
    const u = mul(g, dy, input(1));
    const along = mul(g, normal(), mean(mul(g, u, normal())));
    const rest = centred ? sub(g, sub(g, u, mean(u)), along) : sub(g, u, along);
    return mul(g, inverse(), rest);
  };
  const dScale = () => mul(g, dy, normal());
  return centred ? [dx, dScale, () => dy] : [dx, dScale];
}

export const normalisationGradients = {
  LayerNormalization: (context, dy) => norm(context, dy, true),
  /** dx = dy − softmax(x) · Σ dy */
  LogSoftmax: ({ g, output, int }, dy) => [
    () => sub(g, dy, mul(g, exp(g, output(0)), reduceSum(g, dy, [int("axis", -1)]))),
  ],
  /** A rotation's transpose is the rotation by the negative angle. */
  RotaryEmbedding: ({ g, input }, dy) => [
    () => rotaryEmbedding(g, dy, input(1), input(2), neg(g, input(3))),
    undefined,
    undefined,
    undefined,
  ],
  SimplifiedLayerNormalization: (context, dy) => norm(context, dy, false),
  /** dx = y · (dy − Σ dy · y) */
  Softmax: ({ g, output, int }, dy) => [
    () => mul(g, output(0), sub(g, dy, reduceSum(g, mul(g, dy, output(0)), [int("axis", -1)]))),
  ],
} satisfies Record<string, GradientRule | NoGradient>;
