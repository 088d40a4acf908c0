import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { isMuonMatrix, muon } from "./muon.ts";

export type AdamWSettings = {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest global norm of the gradient; larger gradients are scaled down to it. */
  readonly clipNorm: number;
  /** Matrices of layers are trained by Muon with this momentum instead, kept in the place of the first moment; the second is left as it is. */
  readonly muon?: { readonly momentum: number };
};

/** Scalars of a step, made by `adamWScalars`. */
export type AdamWInputs = {
  readonly learningRate: Tensor;
  readonly correction1: Tensor;
  readonly correction2: Tensor;
};

export type Trained = {
  readonly key: string;
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
  /** Whether weight decay applies: not to norms and biases. */
  readonly decays: boolean;
  /** Times the learning rate, for this parameter; default 1. */
  readonly rate?: number;
};

export type Updated = {
  readonly key: string;
  readonly parameter: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
};

export function declareAdamWInputs(g: GraphBuilder): AdamWInputs {
  return {
    learningRate: g.input("learningRate", "float32", []),
    correction1: g.input("correction1", "float32", []),
    correction2: g.input("correction2", "float32", []),
  };
}

/** The scalars of step `step` (from 1): bias corrections 1 − β₁ᵗ and √(1 − β₂ᵗ). */
export function adamWScalars(
  step: number,
  learningRate: number,
  betas: readonly [number, number],
): { learningRate: number; correction1: number; correction2: number } {
  return {
    learningRate,
    correction1: 1 - betas[0] ** step,
    correction2: Math.sqrt(1 - betas[1] ** step),
  };
}

/** Global L2 norm of the gradients (before clipping), a scalar. */
export function globalNorm(g: GraphBuilder, gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map((gradient) =>
    ops.reduceSumSquare(
      g,
      gradient,
      gradient.shape.map((_, axis) => axis),
      false,
    ),
  );
  return ops.sqrt(g, ops.sum(g, ...squares));
}

/** The global norm of the gradients, and what they are multiplied with so that it is at most `clipNorm`. */
export function clipFactor(
  g: GraphBuilder,
  trained: readonly Trained[],
  clipNorm: number,
): { readonly norm: Tensor; readonly factor: Tensor } {
  const norm = globalNorm(
    g,
    trained.map((each) => each.gradient),
  );
  return { norm, factor: ops.min(g, ops.div(g, clipNorm, ops.add(g, norm, 1e-6)), 1) };
}

/**
 * AdamW (arXiv 1711.05101, algorithm 2) as torch.optim.AdamW computes it, after clipping by global norm as torch.nn.utils.clip_grad_norm_ does.
 * Every update depends on the norm, hence on every gradient, hence comes after every reading of the old parameters: updating in place is safe.
 */
export function adamW(
  g: GraphBuilder,
  trained: readonly Trained[],
  settings: AdamWSettings,
  inputs: AdamWInputs,
): { readonly norm: Tensor; readonly updated: readonly Updated[] } {
  const { norm, factor } = clipFactor(g, trained, settings.clipNorm);
  const [beta1, beta2] = settings.betas;
  // clipping, bias corrections and rates are joined into scalars: each saves a pass over every parameter
  const firstShare = ops.mul(g, factor, 1 - beta1);
  const secondShare = ops.mul(g, ops.mul(g, factor, factor), 1 - beta2);
  const least = ops.mul(g, inputs.correction2, settings.epsilon);
  const sizes = new Map<number, { readonly stepSize: Tensor; readonly shrink: Tensor }>();
  const rateOf = (rate: number): Tensor =>
    rate === 1 ? inputs.learningRate : ops.mul(g, inputs.learningRate, rate);
  const sizeOf = (rate: number) => {
    const known = sizes.get(rate);
    if (known !== undefined) return known;
    const own = rateOf(rate);
    const made = {
      stepSize: ops.mul(g, ops.div(g, own, inputs.correction1), inputs.correction2),
      shrink: ops.sub(g, 1, ops.mul(g, own, settings.weightDecay)),
    };
    sizes.set(rate, made);
    return made;
  };
  const updated = trained.map((each) => {
    const { stepSize, shrink } = sizeOf(each.rate ?? 1);
    if (settings.muon !== undefined && isMuonMatrix(each.key, each.parameter.shape.length)) {
      const { momentum } = settings.muon;
      const gradient = ops.mul(g, each.gradient, factor);
      const stepped = muon(
        ...([g, { parameter: each.parameter, gradient, momentum: each.firstMoment }] as const),
        { momentum, weightDecay: each.decays ? settings.weightDecay : 0 },
        rateOf(each.rate ?? 1),
      );
      return {
        key: each.key,
        parameter: stepped.parameter,
        firstMoment: stepped.momentum,
        secondMoment: ops.identity(g, each.secondMoment),
      };
    }
    const firstMoment = ops.add(
      ...([g, ops.mul(g, each.firstMoment, beta1), ops.mul(g, each.gradient, firstShare)] as const),
    );
    const square = ops.mul(g, each.gradient, each.gradient);
    const secondMoment = ops.add(
      ...([g, ops.mul(g, each.secondMoment, beta2), ops.mul(g, square, secondShare)] as const),
    );
    const spread = ops.add(g, ops.sqrt(g, secondMoment), least);
    const change = ops.mul(g, stepSize, ops.div(g, firstMoment, spread));
    const kept =
      each.decays && settings.weightDecay !== 0 ? ops.mul(g, each.parameter, shrink) : each.parameter;
    return { key: each.key, parameter: ops.sub(g, kept, change), firstMoment, secondMoment };
  });
  return { norm, updated };
}
