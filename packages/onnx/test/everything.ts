import type { Attribute, Graph, Model, Node, TensorData } from "../src/ir/graph.ts";
import type { ValueType } from "../src/ir/types.ts";

const metadata = new Map([["key", "value"]]);
const float = (value: number): TensorData => ({
  dtype: "float32",
  shape: [1],
  storage: { kind: "bytes", bytes: new Uint8Array(Float32Array.of(value).buffer) },
});
const image: ValueType = {
  kind: "tensor",
  dtype: "float32",
  shape: ["batch", 3, null, 0],
  dimDenotations: ["DATA_BATCH", "DATA_CHANNEL", "", ""],
  denotation: "IMAGE",
};
const sparse = {
  values: { ...float(2), name: "sparse" },
  indices: { dtype: "int64", shape: [1], storage: { kind: "bytes", bytes: new Uint8Array(8) } },
  shape: [4, 4],
} satisfies NonNullable<Graph["sparseInitializers"]>[number];
const branch: Graph = {
  name: "branch",
  inputs: [],
  outputs: [{ name: "inner" }],
  nodes: [node("Relu", ["x"], ["inner"], new Map())],
  initializers: new Map(),
  values: new Map(),
};

function node(
  op: string,
  inputs: string[],
  outputs: string[],
  attributes: ReadonlyMap<string, Attribute>,
): Node {
  return { op, domain: "", name: "", inputs, outputs, attributes };
}

const attributes: Readonly<Record<string, Attribute>> = {
  float: { type: "float", value: 0.25 },
  zero: { type: "float", value: 0 },
  int: { type: "int", value: -1 },
  least: { type: "int", value: -(2n ** 63n) },
  string: { type: "string", value: "grüß", doc: "a greeting" },
  empty: { type: "string", value: "" },
  bytes: { type: "string", value: Uint8Array.of(0xff, 0) },
  tensor: { type: "tensor", value: { ...float(1), name: "inside", doc: "one", metadata } },
  "sparse-tensor": { type: "sparse-tensor", value: sparse },
  graph: { type: "graph", value: branch },
  type: { type: "type", value: { kind: "optional", element: image } },
  floats: { type: "floats", value: [0.5, -0.5] },
  ints: { type: "ints", value: [0, -3, 2n ** 60n] },
  none: { type: "ints", value: [] },
  strings: { type: "strings", value: ["a", "", Uint8Array.of(0xfe)] },
  tensors: { type: "tensors", value: [float(3), float(4)] },
  "sparse-tensors": { type: "sparse-tensors", value: [sparse] },
  graphs: { type: "graphs", value: [branch, branch] },
  types: { type: "types", value: [{ kind: "sequence", element: { kind: "tensor", dtype: "string" } }] },
};

/** A model in which every field of the IR is used. It cannot run. */
export function everything(): Model {
  const graph: Graph = {
    name: "everything",
    inputs: [
      { name: "x", type: image, doc: "a picture", metadata },
      {
        name: "m",
        type: { kind: "map", key: "int64", value: { kind: "tensor", dtype: "float32", shape: [] } },
      },
      { name: "s", type: { kind: "sparse-tensor", dtype: "float64", shape: [4, 4] } },
      { name: "untyped" },
    ],
    outputs: [{ name: "y", type: { kind: "tensor", dtype: "bfloat16" } }],
    nodes: [
      {
        ...node("Custom", ["x", "", "w"], ["y", "", "z"], new Map(Object.entries(attributes))),
        domain: "org.example",
        name: "first",
        overload: "fast",
        doc: "does all",
        metadata,
        extra: Uint8Array.of(0x52, 0x00), // an empty device configuration
      },
      node("Clip", ["z"], ["clipped"], new Map()),
    ],
    initializers: new Map<string, TensorData>([
      ["w", { ...float(5), name: "w" }],
      [
        "packed",
        {
          name: "packed",
          dtype: "int4",
          shape: [3],
          storage: { kind: "bytes", bytes: Uint8Array.of(0x21, 3) },
        },
      ],
      [
        "words",
        {
          name: "words",
          dtype: "string",
          shape: [2],
          storage: { kind: "strings", strings: [Uint8Array.of(104, 105), new Uint8Array()] },
        },
      ],
      [
        "far",
        {
          name: "far",
          dtype: "float16",
          shape: [2, 2],
          storage: {
            kind: "external",
            location: "model.safetensors",
            offset: 4096,
            length: 8,
            checksum: "0123",
            other: new Map([["basepath", "."]]),
          },
        },
      ],
    ]),
    sparseInitializers: [sparse],
    values: new Map([["z", { name: "z", type: { kind: "tensor", dtype: "float32", shape: ["batch", 2] } }]]),
    quantization: [{ tensor: "w", parameters: new Map([["SCALE_TENSOR", "scale"]]) }],
    doc: "the graph",
    metadata,
  };
  return {
    irVersion: 10,
    opsets: new Map([
      ["", 21],
      ["org.example", 3],
    ]),
    graph,
    functions: [
      {
        name: "Custom",
        domain: "org.example",
        overload: "fast",
        inputs: ["a", "b", "c"],
        outputs: ["r", "s", "t"],
        attributes: ["float"],
        attributeDefaults: new Map([["int", { type: "int", value: 3 }]]),
        nodes: [
          node("Elu", ["a"], ["r"], new Map([["alpha", { type: "reference", of: "float", name: "float" }]])),
        ],
        opsets: new Map([["", 21]]),
        values: new Map([["r", { name: "r", type: image }]]),
        doc: "the function",
        metadata,
      },
    ],
    producer: { name: "mede2", version: "1" },
    domain: "org.example.models",
    modelVersion: 2,
    doc: "the model",
    metadata,
    extra: Uint8Array.of(0xa2, 0x01, 0x00), // an empty training information
  };
}
