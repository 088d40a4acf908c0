import { staticShape } from "../../ir/dtype.ts";
import { pad, reshape, slice, transpose } from "../../ops/layout.ts";
import type { GradientRule, NoGradient, RuleContext } from "../rule.ts";

function back({ g, input }: RuleContext, dy: Parameters<GradientRule>[1]): () => ReturnType<typeof reshape> {
  return () => reshape(g, dy, staticShape(input(0)));
}

export const layoutGradients = {
  Concat: ({ g, node, input, int }, dy) => {
    const axis = int("axis", 0) < 0 ? int("axis", 0) + dy.shape.length : int("axis", 0);
    let offset = 0;
    return node.inputs.map((_, index) => {
      const start = offset;
      offset += staticShape(input(index))[axis]!;
      const end = offset;
      return () => slice(g, dy, axis, start, end);
    });
  },
  /** The engine sums over the stretched axes. */
  Expand: (_, dy) => [() => dy, undefined],
  Pad: ({ g, node, input }, dy) => [
    () => {
      const shape = staticShape(input(0));
      const pads = g.constantValues(node.inputs[1]!);
      return shape.reduce((x, size, axis) => {
        const before = pads[axis]!;
        return before === 0 && pads[axis + shape.length] === 0 ? x : slice(g, x, axis, before, before + size);
      }, dy);
    },
    undefined,
    undefined,
  ],
  Reshape: (context, dy) => [back(context, dy), undefined],
  Slice: ({ g, node, input }, dy) => [
    () => {
      const shape = staticShape(input(0));
      const before = shape.map(() => 0);
      const after = shape.map(() => 0);
      const [starts, ends, axes] = [1, 2, 3].map((index) => g.constantValues(node.inputs[index]!));
      axes!.forEach((axis, index) => {
        const normal = axis < 0 ? axis + shape.length : axis;
        const size = shape[normal]!;
        const bound = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
        before[normal] = bound(starts![index]!);
        after[normal] = size - bound(ends![index]!);
      });
      return pad(g, dy, before, after);
    },
    undefined,
    undefined,
    undefined,
  ],
  Squeeze: (context, dy) => [back(context, dy), undefined],
  Transpose: ({ g, attribute }, dy) => [
    () => {
      const found = attribute("perm");
      const reversed = dy.shape.map((_, axis) => dy.shape.length - 1 - axis);
      const perm = found?.type === "ints" ? found.value.map(Number) : reversed;
      const inverse = perm.map((_, axis) => perm.indexOf(axis));
      return transpose(g, dy, inverse);
    },
  ],
  Unsqueeze: (context, dy) => [back(context, dy), undefined],
} satisfies Record<string, GradientRule | NoGradient>;
