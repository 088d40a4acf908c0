/** A bench that cannot be run, or must not be believed. */
export class BenchFault extends Error {
  override readonly name = "BenchFault";
  /** `peer-missing`: no Python environment; `worker-failed`: a side died or misbehaved; `sides-differ`: they do not compute the same. */
  readonly code: "peer-missing" | "worker-failed" | "sides-differ";
  /** What to do about it. */
  readonly next: string;

  constructor(code: BenchFault["code"], message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}
