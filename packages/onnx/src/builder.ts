import type { AttributeValue } from "./attribute-value.ts";
import { GraphError } from "./graph-error.ts";
import { type ArrayDType, describe, fromBytes, isArrayDType, toBytes } from "./ir/dtype.ts";
import type { Attribute, Graph, Model, Node, TensorData, ValueInfo } from "./ir/graph.ts";
import type { Shape, Tensor } from "./ir/types.ts";
import { type OpName, opDomains } from "./op-names.ts";
import { shapeRules } from "./shape-rules/index.ts";

/** The operator sets that built models declare. */
export const opsets: ReadonlyMap<string, number> = new Map([
  ["", 21],
  ["com.microsoft", 1],
]);

/** A graph under construction. Ops append nodes to it; types and shapes are inferred at once, so a mistake throws where it is made. */
export class GraphBuilder {
  readonly name: string;
  readonly inputs: Tensor[] = [];
  readonly outputs: Tensor[] = [];
  readonly nodes: Node[] = [];
  readonly initializers = new Map<string, TensorData>();
  readonly tensors = new Map<string, Tensor>();
  readonly stopped = new Set<string>();
  /** Which recomputation segment a node belongs to (see `recomputed` and `cheap`). */
  readonly segments = new Map<Node, number>();
  /** Segments that are computed again only where `gradients` is told to save memory. */
  readonly cheapSegments = new Set<number>();
  private readonly constants = new Map<string, Tensor>();
  private readonly counts = new Map<string, number>();
  private scopes: string[] = [];
  private segment: number | undefined;
  private segmentCount = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Names of everything built inside `body` start with `name`. */
  scope<T>(name: string, body: () => T): T {
    this.scopes.push(name);
    try {
      return body();
    } finally {
      this.scopes.pop();
    }
  }

  /** Marks what `body` builds: its activations are computed again in the backward pass instead of being kept. */
  recomputed<T>(body: () => T): T {
    return this.inSegment(this.segment ?? this.segmentCount, body);
  }

  /**
   * Marks what `body` builds as little work for much memory: where `gradients` is told so, the backward pass computes it again from what went in. A mark within
   * `recomputed` adds nothing.
   */
  cheap<T>(body: () => T): T {
    if (this.segment !== undefined) return body();
    const segment = this.segmentCount;
    this.cheapSegments.add(segment);
    return this.inSegment(segment, body);
  }

  /** Like `recomputed`, for a segment of a given number. */
  inSegment<T>(segment: number, body: () => T): T {
    const outer = this.segment;
    this.segment = segment;
    this.segmentCount = Math.max(this.segmentCount, segment + 1);
    try {
      return body();
    } finally {
      this.segment = outer;
    }
  }

  input(name: string, dtype: Tensor["dtype"], shape: Shape): Tensor {
    const tensor = this.declare({ name, dtype, shape });
    this.inputs.push(tensor);
    return tensor;
  }

  /** A constant that is part of the model, or that points into a file beside it. */
  initializer(name: string, data: TensorData): Tensor {
    const tensor = this.declare({ name, dtype: data.dtype, shape: data.shape });
    this.initializers.set(name, data);
    return tensor;
  }

  /** A small constant; equal constants share one initializer. */
  constant(dtype: ArrayDType, shape: readonly number[], values: readonly number[]): Tensor {
    const key = `${dtype}:${shape.join(",")}:${values.join(",")}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const data: TensorData = { dtype, shape, storage: { kind: "bytes", bytes: toBytes(dtype, values) } };
    const tensor = this.initializer(this.fresh("const", false), data);
    this.constants.set(key, tensor);
    return tensor;
  }

  scalar(value: number, dtype: ArrayDType = "float32"): Tensor {
    return this.constant(dtype, [], [value]);
  }

  ints(values: readonly number[]): Tensor {
    return this.constant("int64", [values.length], values);
  }

  /** The elements of a constant operand (axes, starts, a target shape). */
  constantValues(name: string): number[] {
    const data = this.initializers.get(name);
    if (data?.storage.kind !== "bytes" || !isArrayDType(data.dtype))
      throw new GraphError("not-constant", `${name} must be a constant here`);
    return fromBytes(data.dtype, data.storage.bytes);
  }

  /** Declares `tensor` an output of the graph, under `name` if one is given. */
  output(tensor: Tensor, name?: string): Tensor {
    const named =
      name === undefined || name === tensor.name ? tensor : this.emit("Identity", [tensor], {}, [name])[0]!;
    this.outputs.push(named);
    return named;
  }

  /** Appends one node and returns its outputs. `names` fixes the names of the outputs. */
  emit(
    op: OpName,
    inputs: readonly (Tensor | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    names?: readonly string[],
  ): Tensor[] {
    const types = inferTypes(this, op, inputs, attributes);
    const outputs = types.map((type, index) =>
      this.declare({ name: names?.[index] ?? this.fresh(index === 0 ? op : `${op}.${index}`), ...type }),
    );
    const node: Node = {
      op,
      domain: opDomains[op] ?? "",
      name: outputs[0]!.name,
      inputs: inputs.map((input) => input?.name ?? ""),
      outputs: outputs.map((output) => output.name),
      attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, toAttribute(value)])),
    };
    this.nodes.push(node);
    if (this.segment !== undefined) this.segments.set(node, this.segment);
    return outputs;
  }

  tensor(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined)
      throw new GraphError("unknown-value", `${this.name} has no value named ${name}`);
    return tensor;
  }

  /** The model built so far. */
  build(): Model {
    const graph: Graph = {
      name: this.name,
      inputs: this.inputs.map(toInfo),
      outputs: this.outputs.map(toInfo),
      nodes: [...this.nodes],
      initializers: new Map(this.initializers),
      values: new Map(),
    };
    return { irVersion: 10, opsets, graph, functions: [], producer: { name: "mede2" } };
  }

  private declare(tensor: Tensor): Tensor {
    if (this.tensors.has(tensor.name))
      throw new GraphError("duplicate-name", `${this.name} already has a value named ${tensor.name}`);
    this.tensors.set(tensor.name, tensor);
    return tensor;
  }

  private fresh(base: string, scoped = true): string {
    const full = scoped ? [...this.scopes, base].join("/") : base;
    let count = this.counts.get(full) ?? 0;
    while (this.tensors.has(`${full}_${count}`)) count++;
    this.counts.set(full, count + 1);
    return `${full}_${count}`;
  }
}

function inferTypes(
  g: GraphBuilder,
  op: OpName,
  inputs: readonly (Tensor | undefined)[],
  attributes: Readonly<Record<string, AttributeValue>>,
): Omit<Tensor, "name">[] {
  try {
    return shapeRules[op]({ inputs, attributes, constantValues: (name) => g.constantValues(name) });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const operands = inputs.map((input) => (input === undefined ? "–" : describe(input))).join("; ");
    throw new GraphError(error.code, `${op} in ${g.name}: ${error.message} (operands ${operands})`);
  }
}

function toInfo(tensor: Tensor): ValueInfo {
  return { name: tensor.name, type: { kind: "tensor", dtype: tensor.dtype, shape: tensor.shape } };
}

function toAttribute(value: AttributeValue): Attribute {
  if (typeof value === "number") return { type: "int", value };
  if (typeof value === "string") return { type: "string", value };
  if ("float" in value) return { type: "float", value: value.float };
  return { type: "ints", value };
}
