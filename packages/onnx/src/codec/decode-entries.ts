import type { WireReader } from "./wire-reader.ts";

/** Adds one StringStringEntryProto to `entries`; the specification demands distinct keys. */
export function decodeEntry(reader: WireReader, label: string, entries: Map<string, string>): void {
  reader.message(label, (entry) => {
    let key = "";
    let value = "";
    while (entry.next()) {
      if (entry.field === 1) key = entry.string();
      else if (entry.field === 2) value = entry.string();
      else entry.unsupported(`field ${entry.field} of an entry is unknown to this version`);
    }
    if (entries.has(key)) entry.fail(`the key "${key}" appears twice`);
    entries.set(key, value);
  });
}

/** Adds one OperatorSetIdProto to `opsets`. */
export function decodeOpset(reader: WireReader, opsets: Map<string, number>): void {
  reader.message("opset_import", (entry) => {
    let domain = "";
    let version = 0;
    while (entry.next()) {
      if (entry.field === 1) domain = entry.string();
      else if (entry.field === 2) version = entry.number();
      else entry.unsupported(`field ${entry.field} of an operator set is unknown to this version`);
    }
    if (opsets.has(domain)) entry.fail(`the operator set "${domain}" is imported twice`);
    opsets.set(domain, version);
  });
}

/** `{ [key]: map }`, or nothing where the map is empty: an absent map and an empty one are the same file. */
export function unlessEmpty<K extends string, V>(
  key: K,
  map: ReadonlyMap<string, V>,
): { readonly [P in K]?: ReadonlyMap<string, V> } {
  return (map.size === 0 ? {} : { [key]: map }) as { readonly [P in K]?: ReadonlyMap<string, V> };
}

/** Documentation, metadata and unmodelled fields, which many messages have. */
export class Common {
  doc = "";
  readonly metadata = new Map<string, string>();
  readonly #extra: Uint8Array[] = [];

  entry(reader: WireReader): void {
    decodeEntry(reader, "metadata_props", this.metadata);
  }

  /** Keeps a field that the IR does not model. */
  keep(reader: WireReader): void {
    this.#extra.push(reader.raw());
  }

  get fields(): CommonFields {
    return {
      ...(this.doc === "" ? {} : { doc: this.doc }),
      ...unlessEmpty("metadata", this.metadata),
      ...(this.#extra.length === 0 ? {} : { extra: joinBytes(this.#extra) }),
    };
  }
}

export interface CommonFields {
  readonly doc?: string;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly extra?: Uint8Array;
}

/** The parts one after another; a single part is not copied. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
