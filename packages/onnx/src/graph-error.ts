/** A fault in a graph: what is wrong, at which operation, and with which operands. */
export class GraphError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "GraphError";
    this.code = code;
  }
}
