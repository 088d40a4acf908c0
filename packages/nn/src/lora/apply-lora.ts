// R rows · I inputs · O outputs · r rank
import { type GraphBuilder, type Node, ops, type Rewritten, rewrite, type Tensor } from "@mede2/onnx";
import { NnFault } from "../fault.ts";

export type LoraSettings = {
  readonly rank: number;
  readonly alpha: number;
  /** Last parts of module names ("q_proj"), whole module names, or patterns of whole names with `*` for any text ("model.layers.1*.mlp.*"). */
  readonly targets: readonly string[];
  /** Scale by alpha / √rank instead of alpha / rank (rsLoRA, arXiv 2312.03732). */
  readonly rs?: boolean;
  /** Train the length of each row of the adapted weight apart from its direction (DoRA, arXiv 2402.09353). */
  readonly dora?: boolean;
};

export type LoraModule = {
  /** Name of the layer, without `.weight`. */
  readonly module: string;
  /** Keys of the factors: A is [rank, in], B is [out, rank]. */
  readonly a: string;
  readonly b: string;
  /** Key of the row lengths [out], with DoRA. */
  readonly magnitude?: string;
  readonly inputs: number;
  readonly outputs: number;
};

export function loraScale({ rank, alpha, rs }: LoraSettings): number {
  return rs === true ? alpha / Math.sqrt(rank) : alpha / rank;
}

export function isLoraTarget(module: string, targets: readonly string[]): boolean {
  return targets.some((target) =>
    target.includes("*") ? wildcard(target).test(module) : module === target || module.endsWith(`.${target}`),
  );
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** What is trained of a module: keys and shapes, in the order of A, B, lengths. */
export function loraFactors(
  { a, b, magnitude, inputs, outputs }: LoraModule,
  { rank }: Pick<LoraSettings, "rank">,
): readonly (readonly [key: string, shape: readonly number[]])[] {
  return [
    [a, [rank, inputs]],
    [b, [outputs, rank]],
    ...(magnitude === undefined ? [] : [[magnitude, [outputs]] as const]),
  ];
}

/**
 * LoRA (arXiv 2106.09685, §4.1) as a pass over a finished forward graph: every product x · Wᵀ with the weight of a target module becomes
 * x · Wᵀ + scale · (x · Aᵀ) · Bᵀ. With DoRA (arXiv 2402.09353, eq. 5) that sum is multiplied, output by output, with m / ‖W + scale · B · A‖, through whose
 * denominator no gradient flows (§4.3), as in PEFT. Model code never mentions it. Throws `lora-targets` if a target names no layer of the graph.
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
    const layer = linearLayer(node, inputs);
    if (layer === undefined || !isLoraTarget(layer.module, settings.targets)) return undefined;
    const { module, x_RI, weight_OI, outputs, inputs: inputsSize } = layer;
    const found = {
      ...{ module, a: `${module}.lora_A`, b: `${module}.lora_B`, inputs: inputsSize, outputs },
      ...(settings.dora === true ? { magnitude: `${module}.lora_magnitude_vector` } : {}),
    };
    modules.push(found);
    return g.scope(`lora/${module}`, () => {
      const a_rI = factor(g, found.a, [settings.rank, inputsSize]);
      const b_Or = factor(g, found.b, [outputs, settings.rank]);
      const narrow_Rr = ops.fusedMatMul(g, x_RI, a_rI, { transB: true });
      const sum = ops.add(g, output, ops.fusedMatMul(g, narrow_Rr, b_Or, { transB: true, alpha: scale }));
      if (found.magnitude === undefined) return sum;
      if (weight_OI === undefined)
        throw new NnFault(
          "lora-dora",
          `DoRA needs ${module} in numbers: leave its weight as it is, or dora out`,
        );
      const change = ops.fusedMatMul(g, b_Or, a_rI, { alpha: scale });
      const lengths = ops.sqrt(g, ops.reduceSumSquare(g, ops.add(g, weight_OI, change), [1], false));
      const magnitude = factor(g, found.magnitude, [outputs]);
      return ops.mul(g, sum, ops.div(g, magnitude, ops.stopGradient(g, lengths)));
    });
  });
  assertTargets(
    settings.targets,
    modules.map(({ module }) => module),
    old.inputs.flatMap(({ name }) => (/\.weight(\.nf4)?$/.test(name) ? [moduleOf(name)] : [])),
  );
  return { ...rewritten, modules };
}

/** The linear layer that a node computes, its weight in numbers or in NF4; undefined for other nodes. */
function linearLayer(node: Node, [x_RI, weight]: readonly (Tensor | undefined)[]) {
  if (x_RI === undefined || weight === undefined) return undefined;
  if (node.op === "FusedMatMul" && weight.name.endsWith(".weight")) {
    const [outputs, inputs] = weight.shape as readonly [number, number];
    return { module: moduleOf(weight.name), x_RI, weight_OI: weight, outputs, inputs };
  }
  if (node.op !== "MatMulBnb4") return undefined;
  const size = (name: string) => Number((node.attributes.get(name) as { value: number }).value);
  return { module: moduleOf(weight.name), x_RI, weight_OI: undefined, outputs: size("N"), inputs: size("K") };
}

const moduleOf = (key: string): string => key.replace(/\.weight(\.nf4)?$/, "");

/** Throws `lora-targets` for a target that names none of the layers, and says what there is. */
export function assertTargets(
  targets: readonly string[],
  adapted: readonly string[],
  layers: readonly string[] = adapted,
): void {
  const missed = targets.find((target) => !adapted.some((module) => isLoraTarget(module, [target])));
  if (missed === undefined) return;
  const endings = [...new Set(layers.map((name) => name.slice(name.lastIndexOf(".") + 1)))];
  throw new NnFault(
    "lora-targets",
    `the LoRA target "${missed}" names no linear layer of this model; its layers end in ${endings.join(", ")}`,
  );
}
