import type { AttributeValue } from "../attribute-value.ts";
import { GraphError } from "../graph-error.ts";
import type { Dim, Shape, Tensor } from "../ir/types.ts";

/** What a shape rule sees: operands, attributes, and the values of constant operands. */
export interface ShapeContext {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly constantValues: (name: string) => number[];
}

export type OutputType = Omit<Tensor, "name">;
export type ShapeRule = (context: ShapeContext) => OutputType[];

export function fail(message: string): never {
  throw new GraphError("shape", message);
}

/** Operand `index`, which must be there. */
export function operand(context: ShapeContext, index: number): Tensor {
  return context.inputs[index] ?? fail(`operand ${index} is missing`);
}

export function intAttribute(context: ShapeContext, name: string, fallback: number): number {
  const value = context.attributes[name];
  return typeof value === "number" ? value : fallback;
}

/** `axis` counted from the front. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  return normal >= 0 && normal < rank ? normal : fail(`axis ${axis} is outside rank ${rank}`);
}

/** NumPy broadcasting of two dimensions. A symbol broadcasts with itself and with 1. */
function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  return fail(`dimensions ${a} and ${b} do not broadcast`);
}

export function broadcastShapes(...shapes: readonly Shape[]): Dim[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    shapes.reduce<Dim>((dim, shape) => {
      const own = axis - (rank - shape.length);
      return own < 0 ? dim : broadcastDim(dim, shape[own]!);
    }, 1),
  );
}

/** All operands must have one element type; returns it. */
export function commonType(...tensors: readonly Tensor[]): Tensor["dtype"] {
  const dtype = tensors[0]!.dtype;
  if (tensors.some((tensor) => tensor.dtype !== dtype)) fail("operands differ in element type");
  return dtype;
}
