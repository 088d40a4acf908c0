import { DTYPE_CODES } from "../ir/dtype-codes.ts";
import type { ValueInfo } from "../ir/graph.ts";
import type { ValueType } from "../ir/types.ts";
import { encodeEntries } from "./encode-entries.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Field of TypeProto that holds each kind of type. */
const KIND_FIELDS = { tensor: 1, sequence: 4, map: 5, "sparse-tensor": 8, optional: 9 } as const;

/** TypeProto. */
export function encodeType(out: WireWriter, type: ValueType): void {
  out.message(KIND_FIELDS[type.kind], (body) => {
    if (type.kind === "map") {
      body.int(1, DTYPE_CODES[type.key]);
      body.message(2, (value) => encodeType(value, type.value));
    } else if (type.kind === "sequence" || type.kind === "optional") {
      body.message(1, (element) => encodeType(element, type.element));
    } else {
      body.int(1, DTYPE_CODES[type.dtype]);
      const { shape, dimDenotations } = type;
      if (shape !== undefined)
        body.message(2, (dims) => {
          for (const [axis, dim] of shape.entries())
            dims.message(1, (entry) => {
              if (typeof dim === "number") entry.int(1, dim);
              else if (dim !== null) entry.string(2, dim);
              entry.optionalString(3, dimDenotations?.[axis]);
            });
        });
    }
  });
  out.optionalString(6, type.denotation);
}

/** ValueInfoProto. */
export function encodeValueInfo(out: WireWriter, value: ValueInfo): void {
  out.optionalString(1, value.name);
  const { type } = value;
  if (type !== undefined) out.message(2, (body) => encodeType(body, type));
  out.optionalString(3, value.doc);
  encodeEntries(out, 4, value.metadata);
  out.raw(value.extra);
}
