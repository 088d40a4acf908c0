import type { Attribute, AttributeValue, Graph, SparseTensorData, TensorData } from "../ir/graph.ts";
import type { ValueType } from "../ir/types.ts";
import { ATTRIBUTE_CODES, ATTRIBUTE_FIELDS } from "./attribute-codes.ts";
import { decodeSparseTensor, decodeTensorFrom } from "./decode-tensor.ts";
import { decodeType } from "./decode-type.ts";
import { decodeText, type WireReader } from "./wire-reader.ts";

type PlainType = keyof typeof ATTRIBUTE_CODES;

const typeOfCode = new Map(Object.entries(ATTRIBUTE_CODES).map(([type, code]) => [code, type as PlainType]));
const typeOfField = new Map(
  Object.entries(ATTRIBUTE_FIELDS).map(([type, field]) => [field, type as PlainType]),
);

/** Payloads by attribute type, in the order of the file; a singular type has at most one. */
interface Payloads {
  readonly numbers: (number | bigint)[];
  readonly strings: (Uint8Array | string)[];
  readonly tensors: TensorData[];
  readonly sparse: SparseTensorData[];
  readonly graphs: Graph[];
  readonly types: ValueType[];
}

/** AttributeProto, as its name and value. `decodeGraph` reads the graphs in it. */
export function decodeAttribute(
  reader: WireReader,
  decodeGraph: (reader: WireReader) => Graph,
): readonly [string, Attribute] {
  let name = "";
  let doc = "";
  let reference = "";
  let declared: PlainType | undefined;
  let found: PlainType | undefined;
  let count = 0;
  const payloads: Payloads = { numbers: [], strings: [], tensors: [], sparse: [], graphs: [], types: [] };
  while (reader.next()) {
    const type = typeOfField.get(reader.field);
    if (type !== undefined) {
      if (found !== undefined && found !== type)
        reader.fail(`the attribute "${name}" has a ${found} and a ${type}`);
      found = type;
      count++;
      decodePayload(reader, type, name, payloads, decodeGraph);
    } else if (reader.field === 1) name = reader.string();
    else if (reader.field === 13) doc = reader.string();
    else if (reader.field === 20) {
      const code = reader.number();
      declared =
        typeOfCode.get(code) ?? reader.unsupported(`attribute type ${code} is unknown to this version`);
    } else if (reader.field === 21) reference = reader.string();
    else reader.unsupported(`field ${reader.field} of an attribute is unknown to this version`);
  }
  const type = declared ?? found; // files of IR version 1 leave the type out
  if (type === undefined) return reader.fail(`the attribute "${name}" has neither type nor value`);
  if (found !== undefined && found !== type)
    reader.fail(`the attribute "${name}" is a ${type}, but holds a ${found}`);
  const documented = doc === "" ? {} : { doc };
  if (reference !== "") {
    if (found !== undefined) reader.fail(`the attribute "${name}" has a value and a reference`);
    return [name, { type: "reference", of: type, name: reference, ...documented }];
  }
  if (count > 1 && !type.endsWith("s")) reader.fail(`the attribute "${name}" is given ${count} times`);
  return [name, { ...assemble(reader, type, name, payloads), ...documented }];
}

function decodePayload(
  reader: WireReader,
  type: PlainType,
  name: string,
  into: Payloads,
  decodeGraph: (reader: WireReader) => Graph,
): void {
  const label = `attribute "${name}"`;
  if (type === "float") into.numbers.push(reader.float());
  else if (type === "int") into.numbers.push(reader.int());
  else if (type === "ints") reader.ints(into.numbers);
  else if (type === "floats") reader.floats(into.numbers);
  else if (type === "string" || type === "strings") {
    const bytes = reader.bytes();
    into.strings.push(decodeText(bytes) ?? bytes);
  } else if (type === "tensor" || type === "tensors")
    into.tensors.push(reader.message(label, decodeTensorFrom));
  else if (type === "graph" || type === "graphs") into.graphs.push(reader.message(label, decodeGraph));
  else if (type === "sparse-tensor" || type === "sparse-tensors")
    into.sparse.push(reader.message(label, decodeSparseTensor));
  else
    into.types.push(
      reader.message(label, (body) => decodeType(body) ?? body.unsupported("the type says nothing")),
    );
}

function assemble(reader: WireReader, type: PlainType, name: string, from: Payloads): AttributeValue {
  const only = <T>(values: readonly T[]): T =>
    values[0] ?? reader.fail(`the attribute "${name}" lacks its ${type}`);
  switch (type) {
    case "float": // writers of proto3 leave out zeros and empty strings
      return { type, value: Number(from.numbers[0] ?? 0) };
    case "int":
      return { type, value: from.numbers[0] ?? 0 };
    case "string":
      return { type, value: from.strings[0] ?? "" };
    case "floats":
      return { type, value: from.numbers.map(Number) };
    case "ints":
      return { type, value: from.numbers };
    case "strings":
      return { type, value: from.strings };
    case "tensor":
      return { type, value: only(from.tensors) };
    case "tensors":
      return { type, value: from.tensors };
    case "graph":
      return { type, value: only(from.graphs) };
    case "graphs":
      return { type, value: from.graphs };
    case "sparse-tensor":
      return { type, value: only(from.sparse) };
    case "sparse-tensors":
      return { type, value: from.sparse };
    case "type":
      return { type, value: only(from.types) };
    case "types":
      return { type, value: from.types };
  }
}
