/** What went wrong with an image, as a stable name. */
export type ImageErrorCode =
  | "IMAGE_FORMAT_UNSUPPORTED"
  | "IMAGE_UNREADABLE"
  | "IMAGE_TOO_LARGE"
  | "IMAGE_NO_PIXELS"
  | "IMAGE_FRAME_MISSING"
  | "IMAGE_INVALID"
  | "IMAGE_REFERENCE_INVALID"
  | "IMAGE_MISSING"
  | "IMAGE_CORRUPT";

/** A fault of an image or of the store; `code` is stable, the message is for people. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;
  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ImageError";
    this.code = code;
  }
}
