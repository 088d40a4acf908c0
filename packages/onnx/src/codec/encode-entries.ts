import type { WireWriter } from "./wire-writer.ts";

/** A repeated StringStringEntryProto, in the order of the map. */
export function encodeEntries(
  out: WireWriter,
  field: number,
  entries: ReadonlyMap<string, string> | undefined,
): void {
  for (const [key, value] of entries ?? [])
    out.message(field, (entry) => {
      entry.string(1, key);
      entry.string(2, value);
    });
}

/** A repeated OperatorSetIdProto. */
export function encodeOpsets(out: WireWriter, field: number, opsets: ReadonlyMap<string, number>): void {
  for (const [domain, version] of opsets)
    out.message(field, (opset) => {
      opset.string(1, domain);
      opset.int(2, version);
    });
}
