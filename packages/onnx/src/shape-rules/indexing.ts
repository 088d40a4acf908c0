import { sameShape } from "../ir/dtype.ts";
import type { Tensor } from "../ir/types.ts";
import { fail, intAttribute, normalAxis, operand, type ShapeRule } from "./shapes.ts";

function indices(tensor: Tensor): Tensor {
  return tensor.dtype === "int64" || tensor.dtype === "int32"
    ? tensor
    : fail("indices must be int32 or int64");
}

export const indexingRules = {
  Gather: (context) => {
    const [x, at] = [operand(context, 0), indices(operand(context, 1))];
    const axis = normalAxis(intAttribute(context, "axis", 0), x.shape.length);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)] }];
  },
  GatherElements: (context) => {
    const [x, at] = [operand(context, 0), indices(operand(context, 1))];
    if (x.shape.length !== at.shape.length) fail("indices must have the rank of the data");
    return [{ dtype: x.dtype, shape: at.shape }];
  },
  ScatterElements: (context) => {
    const [x, at, updates] = [operand(context, 0), indices(operand(context, 1)), operand(context, 2)];
    if (!sameShape(at.shape, updates.shape)) fail("indices and updates differ in shape");
    return [{ dtype: x.dtype, shape: x.shape }];
  },
} satisfies Record<string, ShapeRule>;
