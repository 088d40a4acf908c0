// r rank · I inputs · O outputs
import { assertAdapterFits, loraScale, type ModelConfig, readPeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";

/** W + scale · B · A, in place, for each module of a PEFT folder (arXiv 2106.09685 §4.1). */
export async function mergeAdapter(
  parameters: ReadonlyMap<string, Float32Array>,
  shapes: ReadonlyMap<string, readonly number[]>,
  adapter: string,
  config: ModelConfig,
): Promise<void> {
  const peft = await readPeftFolder(adapter);
  assertAdapterFits(peft, config);
  for (const [module, { a, b }] of peft.modules) {
    const key = `${module}.weight`;
    const [outputs, inputs] = shapes.get(key) as readonly [number, number];
    addProduct(
      parameters.get(key)!,
      toFloat32(b),
      toFloat32(a),
      outputs,
      inputs,
      peft.lora.rank,
      loraScale(peft.lora),
    );
  }
}

/** weight [O, I] += scale · b [O, r] · a [r, I]. */
export function addProduct(
  weight: Float32Array,
  b: Float32Array,
  a: Float32Array,
  outputs: number,
  inputs: number,
  rank: number,
  scale: number,
): void {
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[o * rank + r]!;
      for (let i = 0; i < inputs; i++)
        weight[o * inputs + i] = weight[o * inputs + i]! + factor * a[r * inputs + i]!;
    }
}
