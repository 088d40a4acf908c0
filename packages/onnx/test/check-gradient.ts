import { gradients } from "../src/autodiff/gradients.ts";
import { GraphBuilder } from "../src/builder.ts";
import type { Graph } from "../src/ir/graph.ts";
import type { Tensor } from "../src/ir/types.ts";
import { mul } from "../src/ops/elementwise.ts";
import { sumAll } from "../src/ops/reduction.ts";
import { evaluate } from "./evaluate.ts";
import type { Value } from "./kernels/value.ts";
import type { Random } from "./random.ts";

/** A function to differentiate: float64 inputs get a gradient, the others (indices, conditions) are held. */
export interface GradientCase {
  readonly inputs: readonly Value[];
  readonly build: (g: GraphBuilder, inputs: readonly Tensor[]) => Tensor;
}

/** The largest error of a checked case, relative to the size of its gradients, and the graph that was checked. */
export interface GradientReport {
  readonly error: number;
  readonly forward: readonly string[];
}

const STEP = 1e-5;

/**
 * Compares the gradient graph of Σ weights · build(inputs) with central finite differences of the forward graph, element by
 * element, in float64. Also checks that every value of both graphs has the shape that was inferred for it.
 */
export function checkGradient(testCase: GradientCase, random: Random): GradientReport {
  const g = new GraphBuilder("check");
  const tensors = testCase.inputs.map((input, index) => g.input(`x${index}`, input.dtype, input.shape));
  const y = testCase.build(g, tensors);
  const outputShape = y.shape.map(Number);
  const weights = Array.from({ length: outputShape.reduce((a, b) => a * b, 1) }, () => 0.5 + random.next());
  const loss = sumAll(g, mul(g, y, g.constant("float64", outputShape, weights)));
  const forward = g.build().graph;
  const wrt = tensors.filter((tensor) => tensor.dtype === "float64");
  const found = gradients(g, loss, wrt);
  const feeds = new Map(testCase.inputs.map((input, index) => [`x${index}`, input]));
  const values = evaluate(g.build().graph, feeds);
  checkShapes(g, values);
  let error = 0;
  for (const [index, tensor] of wrt.entries()) {
    const gradient = values.get(found[index]!.name)!;
    const expected = differences(forward, loss.name, feeds, tensor.name);
    if (gradient.shape.join() !== tensor.shape.join())
      throw new Error(`the gradient of ${tensor.name} has shape [${gradient.shape}]`);
    const scale = Math.max(1, ...expected.map(Math.abs));
    for (const [at, exact] of expected.entries())
      error = Math.max(error, Math.abs(gradient.data[at]! - exact) / scale);
    if (!gradient.data.every(Number.isFinite)) error = Number.POSITIVE_INFINITY;
  }
  return { error, forward: forward.nodes.map((node) => node.op) };
}

function differences(graph: Graph, loss: string, feeds: ReadonlyMap<string, Value>, name: string): number[] {
  const input = feeds.get(name)!;
  return Array.from(input.data, (own, at) => {
    const [below, above] = [-STEP, STEP].map((step) => {
      const data = Float64Array.from(input.data);
      data[at] = own + step;
      return evaluate(graph, new Map([...feeds, [name, { ...input, data }]])).get(loss)!.data[0]!;
    });
    return (above! - below!) / (2 * STEP);
  });
}

function checkShapes(g: GraphBuilder, values: ReadonlyMap<string, Value>): void {
  for (const tensor of g.tensors.values()) {
    const found = values.get(tensor.name);
    if (found === undefined) throw new Error(`${tensor.name} was not computed`);
    if (found.shape.join() !== tensor.shape.join() || found.dtype !== tensor.dtype)
      throw new Error(
        `${tensor.name} is ${found.dtype}[${found.shape}], but was inferred as ${tensor.dtype}[${tensor.shape}]`,
      );
  }
}
