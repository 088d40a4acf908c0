import { dirname, isAbsolute, relative, sep } from "node:path";
import { SafetensorsError } from "./safetensors-error.ts";
import type { SafetensorsFile } from "./safetensors-file.ts";

/** The three keys of ONNX `TensorProto.external_data`: file relative to the model's folder, first byte, bytes. */
export type ExternalData = { location: string; offset: number; length: number };

/**
 * Where ONNX finds the tensor in the safetensors file itself, so that an initializer needs no copy of its weights.
 * `modelFolder` is where the .onnx file will lie (default: beside the safetensors file). ONNX refuses a location
 * outside that folder, and so do we.
 */
export function externalData(
  file: SafetensorsFile,
  name: string,
  modelFolder: string = dirname(file.path),
): ExternalData {
  const entry = file.entries.get(name);
  if (!entry)
    throw new SafetensorsError(
      "SAFETENSORS_TENSOR_MISSING",
      `${file.path} holds no tensor ${JSON.stringify(name)}.`,
    );
  const location = relative(modelFolder, file.path).split(sep).join("/");
  if (location === ".." || location.startsWith("../") || isAbsolute(location))
    throw new SafetensorsError(
      "SAFETENSORS_TENSOR_INVALID",
      `${file.path} lies outside ${modelFolder}, and ONNX reads external data below the model's own folder only; put the .onnx file beside or above it.`,
    );
  return { location, offset: entry.offset, length: entry.length };
}
