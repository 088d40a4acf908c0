import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import { describe, isFloat } from "../ir/dtype.ts";
import type { Node } from "../ir/graph.ts";
import type { Tensor } from "../ir/types.ts";
import { isOpName } from "../op-names.ts";
import { sum } from "../ops/elementwise.ts";
import { segmentReplayer } from "./recompute.ts";
import { type RuleContext, ruleContext } from "./rule.ts";
import { gradientRules } from "./rules/index.ts";
import { sumToShape } from "./sum-to-shape.ts";

export type GradientOptions = {
  /** Whether values marked with `g.cheap` are computed again instead of being kept; default false. */
  readonly saveMemory?: boolean;
};

/**
 * Appends the backward pass to `g`: the gradients of the scalar `loss` with respect to each tensor of `wrt`, in that order.
 * Reverse-mode accumulation over the nodes built so far; only nodes between `wrt` and `loss` are visited.
 * With `saveMemory` it also computes again what was marked with `g.cheap`. Throws `GraphError` if `loss` is not a scalar, or does not depend on one of `wrt`.
 */
export function gradients(
  g: GraphBuilder,
  loss: Tensor,
  wrt: readonly Tensor[],
  { saveMemory = false }: GradientOptions = {},
): Tensor[] {
  if (loss.shape.length !== 0)
    throw new GraphError("loss", `the loss must be a scalar, it is ${describe(loss)}`);
  const dtype = loss.dtype === "float64" ? "float64" : "float32";
  const active = activeNames(g, wrt);
  const contributions = new Map<string, Tensor[]>([[loss.name, [g.scalar(1, dtype)]]]);
  const total = (name: string): Tensor | undefined => {
    const parts = contributions.get(name);
    if (parts === undefined) return undefined;
    const merged = sum(g, ...parts);
    contributions.set(name, [merged]);
    return merged;
  };
  const forward = [...g.nodes];
  const replay = segmentReplayer(g, forward, new Set(wrt.map((tensor) => tensor.name)), saveMemory);
  g.scope("backward", () => {
    for (const node of forward.toReversed()) {
      if (!node.outputs.some((name) => active.has(name))) continue;
      const dy = total(node.outputs[0]!);
      const second = node.outputs.slice(1).find((name) => contributions.has(name));
      if (second !== undefined)
        throw new GraphError(
          "no-gradient",
          `${loss.name} depends on ${second}, a further output of ${node.op} (${node.name}); only the first output is differentiated`,
        );
      if (dy === undefined) continue;
      addContributions(g, node, ruleContext(g, node, replay(node)), dy, active, contributions);
    }
  });
  return wrt.map((tensor) => {
    const gradient = g.scope("backward", () => total(tensor.name));
    if (gradient === undefined)
      throw new GraphError("no-path", `${loss.name} does not depend on ${describe(tensor)}`);
    return gradient;
  });
}

function addContributions(
  g: GraphBuilder,
  node: Node,
  context: RuleContext,
  dy: Tensor,
  active: ReadonlySet<string>,
  contributions: Map<string, Tensor[]>,
): void {
  const rule = isOpName(node.op) ? gradientRules[node.op] : undefined;
  if (rule === undefined) throw new GraphError("no-rule", `no gradient rule for ${node.op} (${node.name})`);
  if ("none" in rule)
    throw new GraphError("no-gradient", `${node.op} (${node.name}) has no gradient: ${rule.none}`);
  const parts = rule(context, dy);
  node.inputs.forEach((name, index) => {
    if (!active.has(name)) return;
    const part = parts[index];
    if (part === undefined)
      throw new GraphError("no-gradient", `${node.op} (${node.name}) has no gradient for operand ${index}`);
    const gradient = sumToShape(g, part(), g.tensor(name).shape);
    const list = contributions.get(name);
    if (list === undefined) contributions.set(name, [gradient]);
    else list.push(gradient);
  });
}

/** Names of floating-point values that depend on one of `wrt`, not looking behind stopped values or non-differentiable types. */
function activeNames(g: GraphBuilder, wrt: readonly Tensor[]): Set<string> {
  const active = new Set(wrt.map((tensor) => tensor.name));
  for (const node of g.nodes) {
    if (!node.inputs.some((name) => active.has(name))) continue;
    for (const name of node.outputs)
      if (isFloat(g.tensor(name).dtype) && !g.stopped.has(name)) active.add(name);
  }
  return active;
}
