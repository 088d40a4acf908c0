import { GraphError } from "../../graph-error.ts";
import { staticShape } from "../../ir/dtype.ts";
import type { Tensor } from "../../ir/types.ts";
import { reshape, transpose } from "../../ops/layout.ts";
import { fusedMatMul, int8Numbers, matMul, nf4Numbers } from "../../ops/matmul.ts";
import type { GradientRule, NoGradient, RuleContext } from "../rule.ts";

/** Y = alpha · op(A) · op(B). dA = alpha · dY · op(B)ᵀ and dB = alpha · op(A)ᵀ · dY, each transposed if its operand was. */
function product(
  context: RuleContext,
  dy: Tensor,
  transA: boolean,
  transB: boolean,
  alpha: number,
): readonly (() => Tensor)[] {
  const { g, input } = context;
  const [a, b] = [() => input(0), () => input(1)];
  const dA = () =>
    transA
      ? fusedMatMul(g, b(), dy, { transA: transB, transB: true, alpha })
      : fusedMatMul(g, dy, b(), { transB: !transB, alpha });
  const dB = () => {
    if (b().shape.length === 2 && a().shape.length > 2 && !transA)
      return weightGradient(context, dy, transB, alpha);
    if (transB && !transA && isLarge(dy) && isLarge(a()))
      return fusedMatMul(g, transpose(g, dy, [1, 0]), a(), { alpha });
    return transB
      ? fusedMatMul(g, dy, a(), { transA: true, transB: transA, alpha })
      : fusedMatMul(g, a(), dy, { transA: !transA, alpha });
  };
  return [dA, dB];
}

/** Matrices for which a transpose of its own costs less than what a product loses that transposes as it goes: measured 8 to 15 % of the product. */
function isLarge({ shape }: Tensor): boolean {
  return shape.length === 2 && shape.every((size) => typeof size === "number" && size >= 64);
}

/** One weight against a batch of rows: the batch is folded into one long product instead of being summed afterwards. */
function weightGradient({ g, input }: RuleContext, dy: Tensor, transB: boolean, alpha: number): Tensor {
  const rows = (x: Tensor) => reshape(g, x, [-1, staticShape(x).at(-1)!]);
  const [x, d] = [rows(input(0)), rows(dy)];
  return transB
    ? fusedMatMul(g, d, x, { transA: true, alpha })
    : fusedMatMul(g, x, d, { transA: true, alpha });
}

export const matmulGradients = {
  FusedMatMul: (context, dy) => {
    if (context.int("transBatchA", 0) === 1 || context.int("transBatchB", 0) === 1)
      throw new GraphError("no-gradient", "FusedMatMul with transBatch is for inference only");
    return product(
      context,
      dy,
      context.int("transA", 0) === 1,
      context.int("transB", 0) === 1,
      context.float("alpha", 1),
    );
  },
  MatMul: (context, dy) => product(context, dy, false, false, 1),
  /** dA = dY · W, with W spread out again for this product alone; codes and scales are not trained. */
  MatMulBnb4: (context, dy) => {
    const [inputs, outputs] = [context.int("K", 0), context.int("N", 0)];
    const blockSize = context.int("block_size", 64);
    const numbers = () =>
      nf4Numbers(context.g, {
        codes: context.input(1),
        scales: context.input(2),
        outputs,
        inputs,
        blockSize,
      });
    return [() => matMul(context.g, dy, numbers()), undefined, undefined];
  },
  /** As `MatMulBnb4`. */
  MatMulNBits: (context, dy) => {
    const [inputs, outputs] = [context.int("K", 0), context.int("N", 0)];
    const blockSize = context.int("block_size", 32);
    const [codes, scales] = [() => context.input(1), () => context.input(2)];
    const numbers = () =>
      int8Numbers(context.g, { codes: codes(), scales: scales(), outputs, inputs, blockSize });
    return [() => matMul(context.g, dy, numbers()), undefined, undefined];
  },
} satisfies Record<string, GradientRule | NoGradient>;
