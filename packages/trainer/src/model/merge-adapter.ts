import { assertAdapterFits, loraScale, type ModelConfig, mergeLora, readPeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";

/** Merges a PEFT folder into the weights, in place. */
export async function mergeAdapter(
  parameters: ReadonlyMap<string, Float32Array>,
  adapter: string,
  config: ModelConfig,
): Promise<void> {
  const peft = await readPeftFolder(adapter);
  assertAdapterFits(peft, config);
  for (const [module, { a, b, magnitude }] of peft.modules)
    mergeLora(parameters.get(`${module}.weight`)!, {
      ...{ a_rI: toFloat32(a), b_Or: toFloat32(b), rank: peft.lora.rank, scale: loraScale(peft.lora) },
      ...(magnitude === undefined ? {} : { magnitude_O: toFloat32(magnitude) }),
    });
}
