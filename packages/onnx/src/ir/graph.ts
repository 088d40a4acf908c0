import type { DType, ValueType } from "./types.ts";

/**
 * Encoded protobuf fields that the IR does not model (device placement, training information, fields of later
 * versions), kept in their order and written back verbatim.
 */
export type ExtraFields = Uint8Array;

/** Where the elements of a constant tensor are. `bytes` are little-endian and dense, sub-byte types packed low nibble first. */
export type TensorStorage =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "strings"; readonly strings: readonly Uint8Array[] }
  | {
      readonly kind: "external";
      readonly location: string;
      readonly offset?: number;
      readonly length?: number;
      readonly checksum?: string;
      readonly other?: ReadonlyMap<string, string>; // keys that the specification does not name
    };

/** A constant tensor: an initializer, or the value of an attribute. */
export interface TensorData {
  readonly name?: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly storage: TensorStorage;
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: ExtraFields;
}

/** A sparse constant: `values` (one dimension) at `indices` of a dense tensor of `shape`. */
export interface SparseTensorData {
  readonly values: TensorData;
  readonly indices: TensorData;
  readonly shape: readonly number[];
}

/** An attribute of a node. An integer beyond 2^53 is a bigint. `reference` names an attribute of the enclosing function. */
export type Attribute = { readonly doc?: string } & AttributeValue;

/** Type and value of an attribute. A string that is not valid UTF-8 stays bytes. */
export type AttributeValue =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int"; readonly value: number | bigint }
  | { readonly type: "string"; readonly value: Uint8Array | string }
  | { readonly type: "tensor"; readonly value: TensorData }
  | { readonly type: "sparse-tensor"; readonly value: SparseTensorData }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "type"; readonly value: ValueType }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "ints"; readonly value: readonly (number | bigint)[] }
  | { readonly type: "strings"; readonly value: readonly (Uint8Array | string)[] }
  | { readonly type: "tensors"; readonly value: readonly TensorData[] }
  | { readonly type: "sparse-tensors"; readonly value: readonly SparseTensorData[] }
  | { readonly type: "graphs"; readonly value: readonly Graph[] }
  | { readonly type: "types"; readonly value: readonly ValueType[] }
  | {
      readonly type: "reference";
      readonly of: Exclude<AttributeValue["type"], "reference">;
      readonly name: string;
    };

/** One operation. Values are named; an absent optional input or output is the empty name. `domain` "" is ai.onnx. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly overload?: string;
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: ExtraFields;
}

/** A named value and what is known of its type. */
export interface ValueInfo {
  readonly name: string;
  readonly type?: ValueType;
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: ExtraFields;
}

/** A graph in topological order. `values` holds the types of intermediate values. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, TensorData>;
  readonly sparseInitializers?: readonly SparseTensorData[];
  readonly values: ReadonlyMap<string, ValueInfo>;
  readonly quantization?: readonly {
    readonly tensor: string;
    readonly parameters: ReadonlyMap<string, string>;
  }[];
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: ExtraFields;
}

/** A model-local function: a node of its name and domain stands for its body. */
export interface FunctionBody {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly attributeDefaults: ReadonlyMap<string, Attribute>;
  readonly nodes: readonly Node[];
  readonly opsets: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, ValueInfo>;
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: ExtraFields;
}

/** A whole model: a graph and the operator sets that it is written in. */
export interface Model {
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly FunctionBody[];
  readonly producer?: { readonly name?: string; readonly version?: string };
  readonly domain?: string;
  readonly modelVersion?: number;
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: ExtraFields;
}
