/** What went wrong with a file, as a stable name. */
export type SafetensorsErrorCode =
  | "SAFETENSORS_NOT_FOUND"
  | "SAFETENSORS_TRUNCATED"
  | "SAFETENSORS_HEADER_TOO_LARGE"
  | "SAFETENSORS_HEADER_INVALID"
  | "SAFETENSORS_DTYPE_UNSUPPORTED"
  | "SAFETENSORS_LAYOUT_INVALID"
  | "SAFETENSORS_TENSOR_MISSING"
  | "SAFETENSORS_TENSOR_INVALID"
  | "SAFETENSORS_INDEX_INVALID";

/** A fault in a safetensors file or in what was asked of it; `code` is stable, the message is for people. */
export class SafetensorsError extends Error {
  readonly code: SafetensorsErrorCode;
  constructor(code: SafetensorsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SafetensorsError";
    this.code = code;
  }
}
