import { sameShape } from "../ir/dtype.ts";
import type { Tensor } from "../ir/types.ts";
import { commonType, fail, intAttribute, normalAxis, operand, type ShapeRule } from "./shapes.ts";

function indices(tensor: Tensor): Tensor {
  return tensor.dtype === "int64" || tensor.dtype === "int32"
    ? tensor
    : fail("indices must be int32 or int64");
}

/** Indices address the data along `axis`; along the others they may not be longer than it. */
function within(at: Tensor, x: Tensor, axis: number): void {
  if (x.shape.length !== at.shape.length) fail("indices must have the rank of the data");
  const beyond = at.shape.findIndex((size, own) => own !== axis && Number(size) > Number(x.shape[own]));
  if (beyond >= 0) fail(`indices are longer than the data along axis ${beyond}`);
}

export const indexingRules = {
  Gather: (context) => {
    const [x, at] = [operand(context, 0), indices(operand(context, 1))];
    const axis = normalAxis(intAttribute(context, "axis", 0), x.shape.length);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)] }];
  },
  GatherElements: (context) => {
    const [x, at] = [operand(context, 0), indices(operand(context, 1))];
    const axis = normalAxis(intAttribute(context, "axis", 0), x.shape.length);
    within(at, x, axis);
    return [{ dtype: x.dtype, shape: at.shape }];
  },
  ScatterElements: (context) => {
    const [x, at, updates] = [operand(context, 0), indices(operand(context, 1)), operand(context, 2)];
    if (!sameShape(at.shape, updates.shape)) fail("indices and updates differ in shape");
    within(at, x, normalAxis(intAttribute(context, "axis", 0), x.shape.length));
    commonType(x, updates);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
} satisfies Record<string, ShapeRule>;
