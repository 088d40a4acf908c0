import { GraphError } from "../graph-error.ts";
import { byteLengthOf } from "../ir/dtype-codes.ts";
import type { SparseTensorData, TensorData, TensorStorage } from "../ir/graph.ts";
import type { DType } from "../ir/types.ts";
import { Common, decodeEntry, joinBytes } from "./decode-entries.ts";
import { decodeDType } from "./decode-type.ts";
import { externalStorage } from "./external-data.ts";
import { type TypedField, typedBytes } from "./typed-fields.ts";
import { WireReader } from "./wire-reader.ts";

/** TensorProto. Whatever form the elements have in the file, the storage is bytes, strings or a place in another file. */
export function decodeTensorFrom(reader: WireReader): TensorData {
  const common = new Common();
  const dims: (number | bigint)[] = [];
  const strings: Uint8Array[] = [];
  const external = new Map<string, string>();
  const fixed: Record<"float_data" | "double_data", Uint8Array[]> = { float_data: [], double_data: [] };
  const ints: Record<"int32_data" | "int64_data" | "uint64_data", (number | bigint)[]> = {
    int32_data: [],
    int64_data: [],
    uint64_data: [],
  };
  let dtype: DType | undefined;
  let name = "";
  let raw: Uint8Array | undefined;
  let location = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.ints(dims);
        break;
      case 2:
        dtype = decodeDType(reader);
        break;
      case 3:
        reader.unsupported("segmented tensors are not supported");
        break;
      case 4:
        reader.fixed(4, fixed.float_data);
        break;
      case 5:
        reader.ints(ints.int32_data);
        break;
      case 6:
        strings.push(reader.bytes());
        break;
      case 7:
        reader.ints(ints.int64_data);
        break;
      case 8:
        name = reader.string();
        break;
      case 9:
        raw = reader.bytes();
        break;
      case 10:
        reader.fixed(8, fixed.double_data);
        break;
      case 11:
        reader.ints(ints.uint64_data, true);
        break;
      case 12:
        common.doc = reader.string();
        break;
      case 13:
        decodeEntry(reader, "external_data", external);
        break;
      case 14:
        location = reader.number();
        break;
      case 16:
        common.entry(reader);
        break;
      default:
        common.keep(reader);
    }
  }
  if (dtype === undefined) return reader.unsupported(`the tensor "${name}" has no element type`);
  const shape = dims.map((size) =>
    typeof size === "number" && size >= 0
      ? size
      : reader.fail(`the tensor "${name}" has a dimension of ${size}`),
  );
  const typed: TypedField[] = [
    ...Object.entries(fixed).flatMap(([field, parts]) =>
      parts.length === 0 ? [] : [{ field, bytes: joinBytes(parts) } as TypedField],
    ),
    ...Object.entries(ints).flatMap(([field, values]) =>
      values.length === 0 ? [] : [{ field, values } as TypedField],
    ),
  ];
  const forms = [raw !== undefined, strings.length > 0, location !== 0, ...typed.map(() => true)];
  if (forms.filter(Boolean).length > 1)
    reader.fail(`the tensor "${name}" stores its elements in several forms`);
  const named = { ...(name === "" ? {} : { name }), dtype, shape };
  if (location !== 0) {
    if (location !== 1) reader.unsupported(`data location ${location} is unknown to this version`);
    return { ...named, storage: externalStorage(external, name), ...common.fields };
  }
  if (external.size > 0) reader.fail(`the tensor "${name}" has external data, but says that it has none`);
  const elements = countElements(reader, name, shape);
  const storage = decodeStorage(reader, name, dtype, elements, raw, strings, typed[0]);
  return { ...named, storage, ...common.fields };
}

function countElements(reader: WireReader, name: string, shape: readonly number[]): number {
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  return Number.isSafeInteger(elements)
    ? elements
    : reader.fail(`the tensor "${name}" of shape ${shape.join("×")} is too large`);
}

function decodeStorage(
  reader: WireReader,
  name: string,
  dtype: DType,
  elements: number,
  raw: Uint8Array | undefined,
  strings: readonly Uint8Array[],
  typed: TypedField | undefined,
): TensorStorage {
  if (dtype === "string") {
    if (raw !== undefined || typed !== undefined) reader.fail(`the string tensor "${name}" holds numbers`);
    if (strings.length !== elements)
      reader.fail(`the tensor "${name}" holds ${strings.length} strings instead of ${elements}`);
    return { kind: "strings", strings };
  }
  if (strings.length > 0) reader.fail(`the ${dtype} tensor "${name}" holds strings`);
  const bytes = raw ?? (typed === undefined ? new Uint8Array() : typedBytes(reader, name, dtype, typed));
  const expected = byteLengthOf(dtype, elements);
  if (bytes.length !== expected)
    reader.fail(
      `the tensor "${name}" holds ${bytes.length} bytes; ${elements} elements of ${dtype} take ${expected}`,
    );
  return { kind: "bytes", bytes };
}

/** SparseTensorProto. */
export function decodeSparseTensor(reader: WireReader): SparseTensorData {
  let values: TensorData | undefined;
  let indices: TensorData | undefined;
  const dims: (number | bigint)[] = [];
  while (reader.next()) {
    if (reader.field === 1) values = reader.message("values", decodeTensorFrom);
    else if (reader.field === 2) indices = reader.message("indices", decodeTensorFrom);
    else if (reader.field === 3) reader.ints(dims);
    else reader.unsupported(`field ${reader.field} of a sparse tensor is unknown to this version`);
  }
  if (values === undefined || indices === undefined)
    return reader.fail("a sparse tensor lacks its values or indices");
  return { values, indices, shape: dims.map(Number) };
}

/**
 * A tensor file (`.pb`), as the ONNX test data hold them. The elements are a view of `bytes`, not a copy.
 *
 * @throws GraphError `malformed-file` or `unsupported-file`.
 */
export function decodeTensor(bytes: Uint8Array): TensorData {
  if (!(bytes instanceof Uint8Array))
    throw new GraphError("malformed-file", "decodeTensor needs a Uint8Array.");
  return decodeTensorFrom(new WireReader(bytes, () => "TensorProto"));
}
