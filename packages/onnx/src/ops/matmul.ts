import type { AttributeValue } from "../attribute-value.ts";
import type { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";

/** How `fusedMatMul` reads its operands. `transBatch` rotates the first axis behind the other batch axes before the product. */
export interface FusedMatMulOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly transBatchA?: boolean;
  readonly transBatchB?: boolean;
  readonly alpha?: number;
}

/** a · b over the last two axes, batch axes broadcast. */
export function matMul(g: GraphBuilder, a: Tensor, b: Tensor): Tensor {
  return g.emit("MatMul", [a, b])[0]!;
}

/** alpha · op(a) · op(b): a matrix product without separate transposes (com.microsoft.FusedMatMul). */
export function fusedMatMul(g: GraphBuilder, a: Tensor, b: Tensor, options: FusedMatMulOptions = {}): Tensor {
  const attributes: Record<string, AttributeValue> = {};
  for (const key of ["transA", "transB", "transBatchA", "transBatchB"] as const)
    if (options[key]) attributes[key] = 1;
  if (options.alpha !== undefined && options.alpha !== 1) attributes.alpha = { float: options.alpha };
  return Object.keys(attributes).length === 0
    ? matMul(g, a, b)
    : g.emit("FusedMatMul", [a, b], attributes)[0]!;
}
