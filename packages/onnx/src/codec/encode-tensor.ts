import { GraphError } from "../graph-error.ts";
import { sizeOf } from "../ir/dtype.ts";
import { byteLengthOf, DTYPE_CODES } from "../ir/dtype-codes.ts";
import type { SparseTensorData, TensorData, TensorStorage } from "../ir/graph.ts";
import { encodeEntries } from "./encode-entries.ts";
import { WireWriter } from "./wire-writer.ts";

/** TensorProto. Numbers are written as `raw_data`, whatever form they were read from. */
export function encodeTensorInto(out: WireWriter, tensor: TensorData, name = tensor.name): void {
  for (const size of tensor.shape) out.int(1, size);
  out.int(2, DTYPE_CODES[tensor.dtype]);
  encodeStorage(out, tensor, name);
  out.optionalString(8, name);
  out.optionalString(12, tensor.doc);
  encodeEntries(out, 16, tensor.metadata);
  out.raw(tensor.extra);
}

function encodeStorage(out: WireWriter, tensor: TensorData, name: string | undefined): void {
  const { storage } = tensor;
  const elements = sizeOf(tensor.shape);
  const where = `Tensor "${name ?? ""}" of ${tensor.dtype}[${tensor.shape.join(",")}]`;
  if (storage.kind === "external") {
    encodeEntries(out, 13, externalEntries(storage));
    out.int(14, 1);
  } else if (storage.kind === "strings") {
    if (tensor.dtype !== "string" || storage.strings.length !== elements)
      throw new GraphError(
        "invalid-graph",
        `${where} holds ${storage.strings.length} strings; give ${elements}.`,
      );
    for (const string of storage.strings) out.bytes(6, string);
  } else {
    const expected = byteLengthOf(tensor.dtype, elements);
    if (tensor.dtype === "string" || storage.bytes.length !== expected)
      throw new GraphError(
        "invalid-graph",
        `${where} holds ${storage.bytes.length} bytes; its type and shape need ${tensor.dtype === "string" ? "strings" : expected}.`,
      );
    out.bytes(9, storage.bytes);
  }
}

function externalEntries(storage: TensorStorage & { readonly kind: "external" }): Map<string, string> {
  const entries = new Map([["location", storage.location]]);
  if (storage.offset !== undefined) entries.set("offset", String(storage.offset));
  if (storage.length !== undefined) entries.set("length", String(storage.length));
  if (storage.checksum !== undefined) entries.set("checksum", storage.checksum);
  for (const [key, value] of storage.other ?? []) entries.set(key, value);
  return entries;
}

/** SparseTensorProto. */
export function encodeSparseTensor(out: WireWriter, tensor: SparseTensorData): void {
  out.message(1, (values) => encodeTensorInto(values, tensor.values));
  out.message(2, (indices) => encodeTensorInto(indices, tensor.indices));
  for (const size of tensor.shape) out.int(3, size);
}

/** A tensor as a file of its own (`.pb`), as the ONNX test data hold them. */
export function encodeTensor(tensor: TensorData): Uint8Array {
  const out = new WireWriter();
  encodeTensorInto(out, tensor);
  return out.finish();
}
