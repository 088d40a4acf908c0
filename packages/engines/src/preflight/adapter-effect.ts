import type { PeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import type { Finding } from "../finding.ts";

/**
 * Whether an adapter changes the model's logits at all, without running the model: W + s·B·A differs from W where the Frobenius norm of B·A is not 0, and that is Σ (Bᵀ·B) ∘ (A·Aᵀ), two matrices of rank × rank.
 * One that is empty (fresh, or saved before its first step) evaluates as the base, and as the start of a preference stage makes the base its reference.
 */
export function adapterEffect(
  name: string,
  { modules, lora }: Pick<PeftFolder, "modules" | "lora">,
): Finding[] {
  let [none, least, most] = [0, Number.POSITIVE_INFINITY, 0];
  for (const [module, { a, b }] of modules) {
    const norm = productNorm(toFloat32(a), toFloat32(b), lora.rank);
    if (!Number.isFinite(norm))
      return [
        {
          level: "error",
          code: "adapter-not-finite",
          message: `the adapter ${name} holds numbers that are not finite, in ${module}`,
          next: "name an earlier checkpoint",
        },
      ];
    if (norm === 0) none += 1;
    else [least, most] = [Math.min(least, norm), Math.max(most, norm)];
  }
  if (none === modules.size)
    return [
      {
        level: "error",
        code: "adapter-empty",
        message: `the adapter ${name} changes nothing: each of its ${modules.size} products B·A is 0`,
        next: "name the adapter that Stage I left, or none",
      },
    ];
  return [
    {
      level: none > 0 ? "warning" : "info",
      code: "adapter-effect",
      message: `the adapter ${name} changes ${modules.size - none} of ${modules.size} layers: norms of B·A from ${least.toPrecision(2)} to ${most.toPrecision(2)}`,
    },
  ];
}

/** Frobenius norm of B·A, with A [rank, inputs] and B [outputs, rank] row by row. */
export function productNorm(a: Float32Array, b: Float32Array, rank: number): number {
  const [inputs, outputs] = [a.length / rank, b.length / rank];
  let sum = 0;
  for (let i = 0; i < rank; i++)
    for (let j = i; j < rank; j++) {
      let [ofA, ofB] = [0, 0];
      for (let k = 0; k < inputs; k++) ofA += a[i * inputs + k]! * a[j * inputs + k]!;
      for (let k = 0; k < outputs; k++) ofB += b[k * rank + i]! * b[k * rank + j]!;
      sum += (i === j ? 1 : 2) * ofA * ofB;
    }
  return Math.sqrt(Math.max(0, sum));
}
