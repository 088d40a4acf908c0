// O outputs · I inputs of a matrix
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { type AdamWSettings, clipFactor, type Trained, type Updated } from "./adamw.ts";

export type AdafactorSettings = {
  /** c of β₂ = 1 − step⁻ᶜ; 0.8. */
  readonly decay: number;
  /** Largest root mean square of an update before the learning rate; 1. */
  readonly updateClip: number;
  /** Whether the learning rate is multiplied with the root mean square of the parameter, 10⁻³ at least. */
  readonly scaleParameter: boolean;
};

/** Shapes of what Adafactor keeps of a parameter: means of squares over rows and over columns of a matrix, all of them of a vector. */
export function adafactorShapes(shape: readonly number[]): readonly [readonly number[], readonly number[]] {
  return shape.length < 2 ? [shape, [1]] : [shape.slice(0, -1), [...shape.slice(0, -2), ...shape.slice(-1)]];
}

/** β₂ of step `step`, from 1. */
export function adafactorBeta2(step: number, { decay }: AdafactorSettings): number {
  return 1 - step ** -decay;
}

/** Smallest scale of a parameter. */
const leastScale = 1e-3;

/**
 * Adafactor without a first moment (arXiv 1804.04235, algorithms 4 and 5) as `transformers.optimization.Adafactor` with `relative_step=False`, after clipping by global
 * norm. What it keeps of a matrix [O, I] are O + I numbers. `firstMoment` holds the rows (of a vector: all), `secondMoment` the columns. `beta2` is a scalar.
 */
export function adafactor(
  g: GraphBuilder,
  trained: readonly Trained[],
  settings: AdamWSettings & { readonly adafactor: AdafactorSettings },
  inputs: { readonly learningRate: Tensor; readonly beta2: Tensor },
): { readonly norm: Tensor; readonly updated: readonly Updated[] } {
  const { norm, factor } = clipFactor(g, trained, settings.clipNorm);
  const { updateClip, scaleParameter } = settings.adafactor;
  const rest = ops.sub(g, 1, inputs.beta2);
  const mixed = (kept: Tensor, fresh: Tensor): Tensor =>
    ops.add(g, ops.mul(g, kept, inputs.beta2), ops.mul(g, fresh, rest));
  const updated = trained.map((each): Updated => {
    const gradient = ops.mul(g, each.gradient, factor);
    const square = ops.add(g, ops.mul(g, gradient, gradient), settings.epsilon);
    const { spread, ...moments } =
      each.parameter.shape.length < 2
        ? wholeSpread(g, mixed(each.firstMoment, square), each.secondMoment)
        : factoredSpread(
            ...([g, mixed(each.firstMoment, ops.reduceMean(g, square, [-1], false))] as const),
            mixed(each.secondMoment, ops.reduceMean(g, square, [-2], false)),
          );
    const direction = ops.div(g, gradient, spread);
    const damped = ops.div(g, direction, ops.max(g, ops.mul(g, rms(g, direction), 1 / updateClip), 1));
    const own = ops.mul(g, inputs.learningRate, each.rate ?? 1);
    const rate = scaleParameter ? ops.mul(g, own, ops.max(g, rms(g, each.parameter), leastScale)) : own;
    const kept =
      each.decays && settings.weightDecay !== 0
        ? ops.mul(g, each.parameter, ops.sub(g, 1, ops.mul(g, rate, settings.weightDecay)))
        : each.parameter;
    return { key: each.key, parameter: ops.sub(g, kept, ops.mul(g, damped, rate)), ...moments };
  });
  return { norm, updated };
}

/** √ of the squares of a vector. */
function wholeSpread(g: GraphBuilder, squares: Tensor, unused: Tensor) {
  return { spread: ops.sqrt(g, squares), firstMoment: squares, secondMoment: ops.identity(g, unused) };
}

/** √(row · column / mean of rows): the rank-one guess at the squares of a matrix (eq. 4). */
function factoredSpread(g: GraphBuilder, rows: Tensor, columns: Tensor) {
  const rank = rows.shape.length + 1;
  const share = ops.div(g, rows, ops.reduceMean(g, rows, [-1], true));
  const spread = ops.mul(
    g,
    ops.sqrt(g, ops.unsqueeze(g, share, [rank - 1])),
    ops.sqrt(g, ops.unsqueeze(g, columns, [rank - 2])),
  );
  return { spread, firstMoment: rows, secondMoment: columns };
}

/** Root mean square of all elements. */
function rms(g: GraphBuilder, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const count = (x.shape as readonly number[]).reduce((product, size) => product * size, 1);
  return ops.sqrt(g, ops.mul(g, ops.reduceSumSquare(g, x, axes, false), 1 / count));
}
