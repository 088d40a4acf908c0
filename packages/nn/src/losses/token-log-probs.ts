// R positions · D width · M supervised positions · V vocabulary
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";

export type TargetInputs = {
  /** [M] which positions predict: the position before each supervised token. */
  readonly positions: Tensor;
  /** [M] the token to be predicted there. */
  readonly targets: Tensor;
};

export function declareTargetInputs(g: GraphBuilder, count: number): TargetInputs {
  return { positions: g.input("positions", "int64", [count]), targets: g.input("targets", "int64", [count]) };
}

/** log p(target) [M] at the supervised positions. Logits are computed there and nowhere else. */
export function tokenLogProbs(
  g: GraphBuilder,
  hidden_RD: Tensor,
  { positions, targets }: TargetInputs,
  head: (hidden_MD: Tensor) => Tensor,
): Tensor {
  const logits_MV = head(ops.gather(g, hidden_RD, positions));
  const chosen = ops.gatherElements(g, ops.logSoftmax(g, logits_MV), ops.unsqueeze(g, targets, [1]), 1);
  return ops.squeeze(g, chosen, [1]);
}
