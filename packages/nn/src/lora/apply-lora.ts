// R rows · I inputs · O outputs · r rank
import { type GraphBuilder, ops, type Rewritten, rewrite, type Tensor } from "@mede2/onnx";
import { NnFault } from "../fault.ts";

export type LoraSettings = {
  readonly rank: number;
  readonly alpha: number;
  /** Last parts of module names ("q_proj"), or whole module names. */
  readonly targets: readonly string[];
  /** Scale by alpha / √rank instead of alpha / rank (rsLoRA, arXiv 2312.03732). */
  readonly rs?: boolean;
};

export type LoraModule = {
  /** Name of the layer, without `.weight`. */
  readonly module: string;
  /** Keys of the factors: A is [rank, in], B is [out, rank]. */
  readonly a: string;
  readonly b: string;
  readonly inputs: number;
  readonly outputs: number;
};

export function loraScale({ rank, alpha, rs }: LoraSettings): number {
  return rs === true ? alpha / Math.sqrt(rank) : alpha / rank;
}

export function isLoraTarget(module: string, targets: readonly string[]): boolean {
  return targets.some((target) => module === target || module.endsWith(`.${target}`));
}

/**
 * LoRA (arXiv 2106.09685, §4.1) as a pass over a finished forward graph: every product x · Wᵀ with the weight of a target module becomes
 * x · Wᵀ + scale · (x · Aᵀ) · Bᵀ. Model code never mentions it. Throws `lora-targets` if a target names no layer of the graph.
 */
export function applyLora(
  old: GraphBuilder,
  settings: LoraSettings,
  factor: (g: GraphBuilder, key: string, shape: readonly number[]) => Tensor = (g, key, shape) =>
    g.input(key, "float32", shape),
): Rewritten & { readonly modules: readonly LoraModule[] } {
  const modules: LoraModule[] = [];
  const scale = loraScale(settings);
  const rewritten = rewrite(old, ({ g, node, inputs, output }) => {
    const [x_RI, weight_OI] = inputs;
    if (node.op !== "FusedMatMul" || x_RI === undefined || weight_OI?.name.endsWith(".weight") !== true)
      return undefined;
    const module = weight_OI.name.slice(0, -".weight".length);
    if (!isLoraTarget(module, settings.targets)) return undefined;
    const [outputs, inputsSize] = weight_OI.shape as readonly [number, number];
    const found = { module, a: `${module}.lora_A`, b: `${module}.lora_B`, inputs: inputsSize, outputs };
    modules.push(found);
    return g.scope(`lora/${module}`, () => {
      const a_rI = factor(g, found.a, [settings.rank, inputsSize]);
      const b_Or = factor(g, found.b, [outputs, settings.rank]);
      const narrow_Rr = ops.fusedMatMul(g, x_RI, a_rI, { transB: true });
      return ops.add(g, output, ops.fusedMatMul(g, narrow_Rr, b_Or, { transB: true, alpha: scale }));
    });
  });
  for (const target of settings.targets)
    if (!modules.some(({ module }) => isLoraTarget(module, [target])))
      throw new NnFault("lora-targets", `the LoRA target "${target}" names no linear layer of this model`);
  return { ...rewritten, modules };
}
