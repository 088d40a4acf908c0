export {
  type Checkpoint,
  openCheckpoint,
  type WriteCheckpointOptions,
  writeCheckpoint,
} from "./checkpoint.ts";
export { bytesPerElement, type Dtype, elementCount, isDtype, type TensorData } from "./dtype.ts";
export { type ExternalData, externalData } from "./external-data.ts";
export { fromFloat32, toFloat32 } from "./float-conversion.ts";
export type { TensorEntry } from "./header.ts";
export { SafetensorsError, type SafetensorsErrorCode } from "./safetensors-error.ts";
export {
  openSafetensors,
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
} from "./safetensors-file.ts";
export { type TensorSource, tensorBytes, type WrittenFile, writeSafetensors } from "./write-safetensors.ts";
