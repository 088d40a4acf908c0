/** An error of this package: `code` is stable, `message` says what, where and what to do. */
export class NnFault extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "NnFault";
    this.code = code;
  }
}
