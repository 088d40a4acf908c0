// N images or tiles · L patches of each · R = N·L rows · D width · H heads · E head size
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { attention, joinHeads, splitHeads } from "./attention.ts";
import { linear } from "./linear.ts";
import type { Weights } from "./weights.ts";

/** One layer of a vision transformer whose projections of queries, keys and values stand alone (ViT, SigLIP, InternViT). */
export type VitLayer = {
  readonly tiles: number;
  readonly heads: number;
  readonly epsilon: number;
  readonly activation: Activation;
  /** Whether queries, keys and values have a bias. */
  readonly bias: boolean;
  /** Layer names, without `.weight`. */
  readonly names: {
    readonly norm1: string;
    readonly norm2: string;
    /** Beginning of `….q_proj`, `….k_proj`, `….v_proj`. */
    readonly attention: string;
    readonly output: string;
    readonly mlp: string;
  };
  /** Keys of the two layer scales (CaiT, arXiv 2103.17239 eq. 3). */
  readonly scales?: readonly [string, string];
  /** Whether norms are root-mean-square ones, without bias. */
  readonly rms?: boolean;
  /** Keys of the norms over all heads' queries and keys at once. */
  readonly qkNorms?: readonly [string, string];
};

export type Activation = "gelu" | "gelu_pytorch_tanh";

export function norm(
  g: GraphBuilder,
  weights: Weights,
  name: string,
  x: Tensor,
  epsilon: number,
  rms = false,
): Tensor {
  return rms
    ? ops.rmsNorm(g, x, weights(`${name}.weight`), epsilon)
    : ops.layerNorm(g, x, weights(`${name}.weight`), weights(`${name}.bias`), epsilon);
}

export function gelu(g: GraphBuilder, x: Tensor, activation: Activation): Tensor {
  return ops.gelu(g, x, activation === "gelu" ? "none" : "tanh");
}

/** Pre-norm attention over all patches of a tile, and an MLP. [R, D] → [R, D]. */
export function vitLayer(g: GraphBuilder, weights: Weights, x_RD: Tensor, layer: VitLayer): Tensor {
  const { tiles, heads, epsilon, names, scales, rms, qkNorms } = layer;
  const size = (x_RD.shape[1] as number) / heads;
  const normal = norm(g, weights, names.norm1, x_RD, epsilon, rms);
  const project = (name: string, key?: string): Tensor => {
    const x = linear(g, weights, `${names.attention}.${name}`, normal, layer.bias);
    return splitHeads(g, key === undefined ? x : ops.rmsNorm(g, x, weights(key), 1e-6), tiles, heads, size);
  };
  const [q, k, v] = [project("q_proj", qkNorms?.[0]), project("k_proj", qkNorms?.[1]), project("v_proj")];
  const mixed = linear(g, weights, names.output, joinHeads(g, attention(g, q, k, v)), true);
  const scaled = (x: Tensor, key: string | undefined): Tensor =>
    key === undefined ? x : ops.mul(g, x, weights(key));
  const attended = ops.add(g, x_RD, scaled(mixed, scales?.[0]));
  const again = norm(g, weights, names.norm2, attended, epsilon, rms);
  const inner = gelu(g, linear(g, weights, `${names.mlp}.fc1`, again, true), layer.activation);
  return ops.add(g, attended, scaled(linear(g, weights, `${names.mlp}.fc2`, inner, true), scales?.[1]));
}
