// O outputs · I inputs of a matrix
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";

export type MuonSettings = {
  readonly momentum: number;
  readonly weightDecay: number;
};

/** Coefficients and number of the Newton–Schulz steps (Jordan et al. 2024, "Muon"; `torch.optim.Muon`). */
const [A, B, C] = [3.4445, -4.775, 2.0315] as const;
const STEPS = 5;

/**
 * The nearest matrix with singular values near 1, by five Newton–Schulz steps: X ← aX + (b·XXᵀ + c·(XXᵀ)²)X, from X = G / ‖G‖. In float32, where torch computes
 * in bfloat16. [O, I] → [O, I].
 */
export function orthogonalised(g: GraphBuilder, matrix_OI: Tensor): Tensor {
  const [outputs, inputs] = matrix_OI.shape as readonly [number, number];
  const tall = outputs > inputs;
  const norm = ops.sqrt(g, ops.reduceSumSquare(g, matrix_OI, [0, 1], false));
  let x = ops.div(g, matrix_OI, ops.max(g, norm, 1e-7));
  if (tall) x = ops.transpose(g, x, [1, 0]);
  for (let step = 0; step < STEPS; step++) {
    const gram = ops.fusedMatMul(g, x, x, { transB: true });
    const update = ops.add(g, ops.mul(g, gram, B), ops.fusedMatMul(g, gram, gram, { alpha: C }));
    x = ops.add(g, ops.mul(g, x, A), ops.matMul(g, update, x));
  }
  return tall ? ops.transpose(g, x, [1, 0]) : x;
}

/**
 * One step of Muon with Nesterov momentum on a matrix, as `torch.optim.Muon`: the learning rate times √max(1, O / I), weight decay apart. `gradient` is clipped
 * before. Gives the new parameter and the new momentum.
 */
export function muon(
  g: GraphBuilder,
  each: { readonly parameter: Tensor; readonly gradient: Tensor; readonly momentum: Tensor },
  settings: MuonSettings,
  learningRate: Tensor,
): { readonly parameter: Tensor; readonly momentum: Tensor } {
  const { momentum: mu, weightDecay } = settings;
  const [outputs, inputs] = each.parameter.shape as readonly [number, number];
  const momentum = ops.add(g, ops.mul(g, each.momentum, mu), ops.mul(g, each.gradient, 1 - mu));
  const ahead = ops.add(g, ops.mul(g, each.gradient, 1 - mu), ops.mul(g, momentum, mu));
  const size = ops.mul(g, learningRate, Math.sqrt(Math.max(1, outputs / inputs)));
  const change = ops.mul(g, orthogonalised(g, ahead), size);
  const kept =
    weightDecay === 0
      ? each.parameter
      : ops.mul(g, each.parameter, ops.sub(g, 1, ops.mul(g, learningRate, weightDecay)));
  return { parameter: ops.sub(g, kept, change), momentum };
}

/** Whether Muon is meant for a parameter: matrices of layers, not tables of embeddings, heads, norms, biases and kernels of convolutions. */
export function isMuonMatrix(key: string, rank: number): boolean {
  return rank === 2 && !/(^|\.)(embed_tokens|lm_head|pos_embed|position_embedding)\.weight$/.test(key);
}
