import { dtypeOfCode } from "../ir/dtype-codes.ts";
import type { ValueInfo } from "../ir/graph.ts";
import type { Dim, DType, ValueType } from "../ir/types.ts";
import { Common } from "./decode-entries.ts";
import type { WireReader } from "./wire-reader.ts";

/** TypeProto; undefined where it says nothing. */
export function decodeType(reader: WireReader): ValueType | undefined {
  let type: ValueType | undefined;
  let denotation = "";
  while (reader.next()) {
    if (reader.field === 6) denotation = reader.string();
    else if (type !== undefined) reader.fail("a type is given twice");
    else type = decodeKind(reader);
  }
  return type === undefined || denotation === "" ? type : { ...type, denotation };
}

function decodeKind(reader: WireReader): ValueType {
  switch (reader.field) {
    case 1:
      return reader.message("tensor_type", (body) => decodeTensorType(body, "tensor"));
    case 4:
      return reader.message("sequence_type", (body) => ({ kind: "sequence", element: decodeElement(body) }));
    case 5:
      return reader.message("map_type", decodeMap);
    case 8:
      return reader.message("sparse_tensor_type", (body) => decodeTensorType(body, "sparse-tensor"));
    case 9:
      return reader.message("optional_type", (body) => ({ kind: "optional", element: decodeElement(body) }));
    case 7:
      return reader.unsupported("opaque types are not supported");
    default:
      return reader.unsupported(`a type of kind ${reader.field} is unknown to this version`);
  }
}

function decodeElement(reader: WireReader): ValueType {
  let element: ValueType | undefined;
  while (reader.next()) {
    if (reader.field !== 1) reader.unsupported(`field ${reader.field} of a type is unknown to this version`);
    element = reader.message("elem_type", decodeType);
  }
  return element ?? reader.unsupported("the element type is missing");
}

function decodeMap(reader: WireReader): ValueType {
  let key: DType | undefined;
  let value: ValueType | undefined;
  while (reader.next()) {
    if (reader.field === 1) key = decodeDType(reader);
    else if (reader.field === 2) value = reader.message("value_type", decodeType);
    else reader.unsupported(`field ${reader.field} of a map type is unknown to this version`);
  }
  if (key === undefined || value === undefined)
    return reader.unsupported("a map lacks its key or value type");
  return { kind: "map", key, value };
}

function decodeTensorType(reader: WireReader, kind: "tensor" | "sparse-tensor"): ValueType {
  let dtype: DType | undefined;
  let shape: Dim[] | undefined;
  const denotations: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) dtype = decodeDType(reader);
    else if (reader.field === 2) {
      if (shape !== undefined) reader.fail("a shape is given twice");
      const dims: Dim[] = [];
      reader.message("shape", (body) => decodeShape(body, dims, denotations));
      shape = dims;
    } else reader.unsupported(`field ${reader.field} of a tensor type is unknown to this version`);
  }
  if (dtype === undefined) return reader.unsupported("a tensor type lacks its element type");
  return {
    kind,
    dtype,
    ...(shape === undefined ? {} : { shape }),
    ...(denotations.every((label) => label === "") ? {} : { dimDenotations: denotations }),
  };
}

function decodeShape(reader: WireReader, dims: Dim[], denotations: string[]): void {
  while (reader.next()) {
    if (reader.field !== 1) reader.unsupported(`field ${reader.field} of a shape is unknown to this version`);
    reader.message("dim", (entry) => {
      let dim: Dim = null;
      let denotation = "";
      while (entry.next()) {
        if (entry.field === 1) dim = entry.number();
        else if (entry.field === 2) dim = entry.string();
        else if (entry.field === 3) denotation = entry.string();
        else entry.unsupported(`field ${entry.field} of a dimension is unknown to this version`);
      }
      dims.push(dim === "" ? null : dim);
      denotations.push(denotation);
    });
  }
}

/** An element type by its code. */
export function decodeDType(reader: WireReader): DType {
  const code = reader.number();
  return dtypeOfCode(code) ?? reader.unsupported(`element type ${code} is unknown to this version`);
}

/** ValueInfoProto. */
export function decodeValueInfo(reader: WireReader): ValueInfo {
  const common = new Common();
  let name = "";
  let type: ValueType | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) {
      if (type !== undefined) reader.fail(`the type of "${name}" is given twice`);
      type = reader.message(`type of "${name}"`, decodeType);
    } else if (reader.field === 3) common.doc = reader.string();
    else if (reader.field === 4) common.entry(reader);
    else common.keep(reader);
  }
  return { name, ...(type === undefined ? {} : { type }), ...common.fields };
}
