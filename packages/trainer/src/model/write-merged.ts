import {
  assertAdapterFits,
  loraScale,
  type ModelConfig,
  mergeLora,
  openModelFolder,
  type PeftFolder,
  readPeftFolder,
  type WrittenModel,
  writeModelFolder,
} from "@mede2/nn";
import { fromFloat32, type SafeTensor, type TensorSource, toFloat32 } from "@mede2/safetensors";

export type WriteMergedSettings = {
  /** Folder of the model. */
  readonly model: string;
  /** PEFT folder to merge into it. */
  readonly adapter?: string;
  /** Type of the weights that are written; default: that of the model. */
  readonly dtype?: ModelConfig["dtype"];
  /** Further files by name, such as README.md. */
  readonly files?: Readonly<Record<string, string>>;
};

const stored = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;

/**
 * Writes a model as one Hugging Face folder, an adapter merged into its weights, tensor by tensor, so that memory holds one of them at a time. The sum is formed in float32 and rounded once. The
 * folder appears whole or not at all.
 *
 * @throws NnFault `folder-exists` | `adapter-mismatch` | `checkpoint-mismatch` and others of reading
 */
export async function writeMergedModel(out: string, settings: WriteMergedSettings): Promise<WrittenModel> {
  const folder = await openModelFolder(settings.model);
  const peft = settings.adapter === undefined ? undefined : await readPeftFolder(settings.adapter);
  if (peft !== undefined) assertAdapterFits(peft, folder.config);
  const dtype = settings.dtype ?? folder.config.dtype;
  const tensors = folder.keys.map(
    (name): TensorSource => ({
      name,
      dtype: stored[dtype],
      shape: folder.entry(name).shape,
      data: () => weight(folder.tensor(name), name, peft, stored[dtype]),
    }),
  );
  return writeModelFolder(out, {
    ...{ config: { ...folder.config, dtype }, tensors, copyFrom: settings.model },
    ...(settings.files === undefined ? {} : { files: settings.files }),
  });
}

function weight(
  tensor: SafeTensor,
  name: string,
  peft: PeftFolder | undefined,
  dtype: (typeof stored)[keyof typeof stored],
): ArrayBufferView {
  const factors = peft?.modules.get(name.replace(/\.weight$/, ""));
  if (factors === undefined && tensor.dtype === dtype) return tensor.data;
  const values = new Float32Array(toFloat32(tensor));
  if (peft !== undefined && factors !== undefined) {
    const { a, b, magnitude } = factors;
    mergeLora(values, {
      ...{ a_rI: toFloat32(a), b_Or: toFloat32(b), rank: peft.lora.rank, scale: loraScale(peft.lora) },
      ...(magnitude === undefined ? {} : { magnitude_O: toFloat32(magnitude) }),
    });
  }
  return dtype === "F32" ? values : fromFloat32(values, dtype);
}
