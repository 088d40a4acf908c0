import { sameShape } from "../ir/dtype.ts";
import type { Dim, Shape } from "../ir/types.ts";
import { broadcastShapes, commonType, fail, intAttribute, operand, type ShapeRule } from "./shapes.ts";

function product(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Dim[] {
  if (a.length < 2 || b.length < 2) return fail("operands need two dimensions or more");
  const [m, k] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [inner, n] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (k !== inner) fail(`inner dimensions ${k} and ${inner} differ`);
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), m, n];
}

/** [d0, d1, …, m, k] as its transposed batch sees it: `transBatch` moves the first dimension behind the batch dimensions. */
function batchTransposed(shape: Shape): Dim[] {
  return [...shape.slice(1, -1), shape[0]!, shape.at(-1)!];
}

export const matmulRules = {
  /** com.microsoft.FusedMatMul: alpha · op(A) · op(B); op transposes the last two axes, `transBatch` first rotates the batch. */
  FusedMatMul: (context) => {
    const [a, b] = [operand(context, 0), operand(context, 1)];
    const flag = (name: string) => intAttribute(context, name, 0) === 1;
    const shapeA = flag("transBatchA") ? batchTransposed(a.shape) : a.shape;
    const shapeB = flag("transBatchB") ? batchTransposed(b.shape) : b.shape;
    return [{ dtype: commonType(a, b), shape: product(shapeA, shapeB, flag("transA"), flag("transB")) }];
  },
  MatMul: (context) => {
    const [a, b] = [operand(context, 0), operand(context, 1)];
    return [{ dtype: commonType(a, b), shape: product(a.shape, b.shape, false, false) }];
  },
  /** com.microsoft.MatMulBnb4: A · Wᵀ with W [N, K] packed in four bits. */
  MatMulBnb4: (context) => {
    const [a, codes, scales] = [operand(context, 0), operand(context, 1), operand(context, 2)];
    const [k, n] = [intAttribute(context, "K", 0), intAttribute(context, "N", 0)];
    const [bytes, blocks] = [
      Math.ceil((k * n) / 2),
      Math.ceil((k * n) / intAttribute(context, "block_size", 64)),
    ];
    if (codes.dtype !== "uint8" || codes.shape.length !== 1 || codes.shape[0] !== bytes)
      fail(`expected codes uint8[${bytes}] for ${n} × ${k}`);
    if (scales.shape.length !== 1 || scales.shape[0] !== blocks) fail(`expected ${blocks} scales`);
    if (a.shape.at(-1) !== k) fail(`inner dimensions ${a.shape.at(-1)} and ${k} differ`);
    return [{ dtype: commonType(a, scales), shape: [...a.shape.slice(0, -1), n] }];
  },
  /** com.microsoft.MatMulNBits: A · Wᵀ with W [N, K] in eight bits, block by block of a row. */
  MatMulNBits: (context) => {
    const [a, codes, scales] = [operand(context, 0), operand(context, 1), operand(context, 2)];
    const [k, n] = [intAttribute(context, "K", 0), intAttribute(context, "N", 0)];
    const size = intAttribute(context, "block_size", 32);
    const blocks = Math.ceil(k / size);
    if (intAttribute(context, "bits", 4) !== 8) fail("only eight bits are supported");
    if (codes.dtype !== "uint8" || !sameShape(codes.shape, [n, blocks, size]))
      fail(`expected codes uint8[${n}, ${blocks}, ${size}]`);
    if (!sameShape(scales.shape, [n, blocks])) fail(`expected scales [${n}, ${blocks}]`);
    if (a.shape.at(-1) !== k) fail(`inner dimensions ${a.shape.at(-1)} and ${k} differ`);
    return [{ dtype: commonType(a, scales), shape: [...a.shape.slice(0, -1), n] }];
  },
} satisfies Record<string, ShapeRule>;
