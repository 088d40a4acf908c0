import type { Dim } from "../ir/types.ts";
import {
  broadcastShapes,
  commonType,
  fail,
  intAttribute,
  normalAxis,
  operand,
  type ShapeContext,
  type ShapeRule,
} from "./shapes.ts";

export const layoutRules = {
  Concat: (context) => {
    const parts = context.inputs.map((_, index) => operand(context, index));
    const first = parts[0] ?? fail("needs operands");
    const axis = normalAxis(intAttribute(context, "axis", 0), first.shape.length);
    for (const part of parts)
      if (
        part.shape.length !== first.shape.length ||
        part.shape.some((dim, a) => a !== axis && dim !== first.shape[a])
      )
        fail(`parts differ outside axis ${axis}`);
    const shape = first.shape.map((dim, a) =>
      a === axis ? addDims(parts.map((part) => part.shape[axis]!)) : dim,
    );
    return [{ dtype: commonType(...parts), shape }];
  },
  Expand: (context) => {
    const x = operand(context, 0);
    return [
      { dtype: x.dtype, shape: broadcastShapes(x.shape, context.constantValues(operand(context, 1).name)) },
    ];
  },
  Pad: (context) => {
    const x = operand(context, 0);
    const pads = context.constantValues(operand(context, 1).name);
    const rank = x.shape.length;
    if (pads.length !== 2 * rank) fail(`pads must have ${2 * rank} elements, has ${pads.length}`);
    return [
      { dtype: x.dtype, shape: x.shape.map((dim, axis) => addDims([pads[axis]!, dim, pads[axis + rank]!])) },
    ];
  },
  Reshape: (context) => [{ dtype: operand(context, 0).dtype, shape: reshaped(context) }],
  Slice: (context) => {
    const x = operand(context, 0);
    const [starts, ends, axes] = [1, 2, 3].map((index) =>
      context.constantValues(operand(context, index).name),
    );
    const steps =
      context.inputs[4] === undefined ? undefined : context.constantValues(context.inputs[4].name);
    const shape = [...x.shape];
    for (const [index, axis] of axes!.entries()) {
      const normal = normalAxis(axis, shape.length);
      const dim = shape[normal];
      if (typeof dim !== "number") return fail(`cannot slice the symbolic dimension ${dim}`);
      if ((steps?.[index] ?? 1) !== 1) return fail("steps other than 1 are not supported");
      shape[normal] = Math.max(0, bound(ends![index]!, dim) - bound(starts![index]!, dim));
    }
    return [{ dtype: x.dtype, shape }];
  },
  Squeeze: (context) => {
    const x = operand(context, 0);
    const axes = new Set(axesOf(context, x.shape.length));
    for (const axis of axes) if (x.shape[axis] !== 1) fail(`axis ${axis} is not of size 1`);
    return [{ dtype: x.dtype, shape: x.shape.filter((_, axis) => !axes.has(axis)) }];
  },
  Transpose: (context) => {
    const x = operand(context, 0);
    const perm = context.attributes.perm ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
    if (
      !Array.isArray(perm) ||
      [...perm].sort((a, b) => a - b).some((axis, index) => axis !== index) ||
      perm.length !== x.shape.length
    )
      return fail(`perm [${String(perm)}] is not a permutation of rank ${x.shape.length}`);
    return [{ dtype: x.dtype, shape: perm.map((axis: number) => x.shape[axis]!) }];
  },
  Unsqueeze: (context) => {
    const x = operand(context, 0);
    const count = context.constantValues(operand(context, 1).name).length;
    const axes = new Set(axesOf(context, x.shape.length + count));
    const shape: Dim[] = [];
    let own = 0;
    for (let axis = 0; axis < x.shape.length + count; axis++)
      shape.push(axes.has(axis) ? 1 : x.shape[own++]!);
    return [{ dtype: x.dtype, shape }];
  },
} satisfies Record<string, ShapeRule>;

function axesOf(context: ShapeContext, rank: number): number[] {
  return context.constantValues(operand(context, 1).name).map((axis) => normalAxis(axis, rank));
}

function bound(index: number, size: number): number {
  return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
}

/** Sum of sizes; a symbol plus a number is named after both, so that equal sums are equal symbols. */
function addDims(dims: readonly Dim[]): Dim {
  if (dims.every((dim) => typeof dim === "number")) return dims.reduce((sum, dim) => sum + dim, 0);
  const known = dims.reduce<number>((sum, dim) => sum + (typeof dim === "number" ? dim : 0), 0);
  const symbols = dims.filter((dim) => typeof dim !== "number").map(String);
  return known === 0 && symbols.length === 1
    ? symbols[0]!
    : [...symbols, ...(known === 0 ? [] : [known])].join("+");
}

/** A symbolic dimension "n*symbol" as its factor and its symbol. */
function factored(dim: Dim): readonly [factor: number, symbol: Dim] {
  const [, factor, symbol] = /^(\d+)\*(.+)$/.exec(String(dim)) ?? [];
  return symbol === undefined ? [1, dim] : [Number(factor), symbol];
}

/** `Reshape`: 0 copies a dimension, −1 is what is left. One symbolic dimension may pass through by 0 or −1; a factor of its own ("4*B") may be divided by. */
function reshaped(context: ShapeContext): Dim[] {
  const x = operand(context, 0);
  const target = context.constantValues(operand(context, 1).name);
  const shape: Dim[] = target.map((size, axis) =>
    size === 0 ? (x.shape[axis] ?? fail(`no axis ${axis} to copy`)) : size,
  );
  const free = shape.indexOf(-1);
  if (free < 0) {
    if (product(shape) !== product(x.shape))
      fail(`cannot reshape [${x.shape.join(", ")}] to [${shape.join(", ")}]`);
    return shape;
  }
  const rest = shape.filter((_, axis) => axis !== free);
  const symbols = x.shape.flatMap((dim) =>
    typeof dim === "number" || rest.includes(dim) ? [] : [factored(dim)],
  );
  const factors = symbols.reduce((all, [factor]) => all * factor, 1);
  const numbers = factors * Number(product(x.shape.filter((dim) => typeof dim === "number")));
  const used = Number(product(rest.filter((dim) => typeof dim === "number")));
  if (symbols.length > 1 || numbers % used !== 0) return fail(`cannot infer −1 in [${target.join(", ")}]`);
  const quotient = numbers / used;
  shape[free] =
    symbols[0] === undefined ? quotient : quotient === 1 ? symbols[0][1] : `${quotient}*${symbols[0][1]}`;
  return shape;
}

/** Element count; with symbols, a canonical text of it. */
function product(shape: readonly Dim[]): number | string {
  const size = shape.reduce<number>((total, dim) => total * (typeof dim === "number" ? dim : 1), 1);
  const symbols = shape
    .filter((dim) => typeof dim !== "number")
    .map(String)
    .sort();
  return symbols.length === 0 ? size : [size, ...symbols].join("*");
}
