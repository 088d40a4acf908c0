// R rows (any batch of positions, flattened) · I inputs · O outputs
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import type { Weights } from "./weights.ts";

/** x · Wᵀ + b for the checkpoint layer `name`. `x_RI` → [R, O]; W is [O, I] as in PyTorch. */
export function linear(g: GraphBuilder, weights: Weights, name: string, x_RI: Tensor, bias: boolean): Tensor {
  const key = `${name}.weight`;
  const product_RO = g.scope(
    name,
    () => weights.product?.(g, key, x_RI) ?? ops.fusedMatMul(g, x_RI, weights(key), { transB: true }),
  );
  return bias ? ops.add(g, product_RO, weights(`${name}.bias`)) : product_RO;
}

/** down(silu(gate(x)) · up(x)) (SwiGLU, arXiv 2002.05202): the gated MLP of layer `name`. [R, D] → [R, D]. */
export function swiGlu(g: GraphBuilder, weights: Weights, name: string, x_RD: Tensor, bias: boolean): Tensor {
  const gate_RF = linear(g, weights, `${name}.gate_proj`, x_RD, bias);
  const up_RF = linear(g, weights, `${name}.up_proj`, x_RD, bias);
  const gated_RF = g.cheap(() => ops.mul(g, ops.silu(g, gate_RF), up_RF));
  return linear(g, weights, `${name}.down_proj`, gated_RF, bias);
}
