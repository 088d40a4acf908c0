import { GraphError } from "../graph-error.ts";

const MAX_DEPTH = 100; // as protobuf's own readers
const TWO_32 = 2 ** 32;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a field's tag says of its payload: varint, 64 bits, length-delimited, 32 bits. Groups (3, 4) are refused. */
type WireType = 0 | 1 | 2 | 5;

/**
 * Reads one protobuf message, field by field, and trusts nothing: every length is checked against the message that
 * contains it, and nesting is bounded. `next` moves to a field; the other methods read the payload of that field.
 */
export class WireReader {
  /** Number of the field that `next` moved to. */
  field = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: () => string;
  readonly #depth: number;
  #wire: WireType = 0;
  #fieldStart = 0;
  #payloadStart = 0;
  #position = 0;
  #low = 0; // the two halves of a varint
  #high = 0;

  constructor(bytes: Uint8Array, where: () => string, depth = 0) {
    // a Node Buffer becomes a plain array, so that its views are too
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.#depth = depth;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#position === this.#bytes.length) return false;
    this.#fieldStart = this.#position;
    this.#readVarint();
    if (this.#high !== 0) this.fail("a field number is out of range");
    this.field = this.#low >>> 3;
    if (this.field === 0) this.fail("field number 0 is not allowed");
    const wire = this.#low & 7;
    if (wire === 0) this.#readVarint();
    this.#wire = wire as WireType;
    let length = 0;
    if (wire === 2) {
      this.#readVarint();
      length = this.#high * TWO_32 + this.#low;
    } else if (wire === 1) length = 8;
    else if (wire === 5) length = 4;
    else if (wire !== 0) this.fail(`wire type ${wire} is not allowed`);
    this.#payloadStart = this.#position;
    if (length > this.#bytes.length - this.#position)
      this.fail(
        `field ${this.field} says ${length} bytes, but ${this.#bytes.length - this.#position} are left`,
      );
    this.#position += length;
    return true;
  }

  /** A signed 64-bit integer; a bigint where a number would not be exact. */
  int(): number | bigint {
    this.#expect(0);
    return this.#signed();
  }

  /** An integer that a number holds exactly. */
  number(): number {
    const value = this.int();
    return typeof value === "number"
      ? value
      : this.fail(`field ${this.field} holds ${value}, which is too large`);
  }

  float(): number {
    this.#expect(5);
    return this.#view.getFloat32(this.#payloadStart, true);
  }

  /** A view of the payload, not a copy. */
  bytes(): Uint8Array {
    this.#expect(2);
    return this.#payload();
  }

  string(): string {
    const text = decodeText(this.bytes());
    return text ?? this.fail(`field ${this.field} is not valid UTF-8`);
  }

  /** A nested message. `label` says in errors where it is. */
  message<T>(label: string, decode: (reader: WireReader) => T): T {
    if (this.#depth === MAX_DEPTH) this.fail(`messages are nested more than ${MAX_DEPTH} deep`);
    return decode(new WireReader(this.bytes(), () => `${this.#where()}.${label}`, this.#depth + 1));
  }

  /** Appends the integers of a repeated field, packed or not. `unsigned` reads uint64. */
  ints(into: (number | bigint)[], unsigned = false): void {
    const take = () => into.push(unsigned ? this.#unsigned() : this.#signed());
    if (this.#wire === 0) {
      take();
      return;
    }
    this.#expect(2);
    const end = this.#position;
    this.#position = this.#payloadStart;
    while (this.#position < end) {
      this.#readVarint(end);
      take();
    }
  }

  /** Appends the elements of a repeated float, packed or not. */
  floats(into: (number | bigint)[]): void {
    const parts: Uint8Array[] = [];
    this.fixed(4, parts);
    const start = this.#payloadStart;
    for (let at = start; at < this.#position; at += 4) into.push(this.#view.getFloat32(at, true));
  }

  /** Appends the little-endian bytes of a repeated float (4) or double (8), packed or not. */
  fixed(width: 4 | 8, into: Uint8Array[]): void {
    if (this.#wire !== (width === 4 ? 5 : 1)) this.#expect(2);
    const payload = this.#payload();
    if (payload.length % width !== 0) this.fail(`field ${this.field} is not a whole number of elements`);
    into.push(payload);
  }

  /** The field as it stands in the file, tag included. */
  raw(): Uint8Array {
    return this.#bytes.subarray(this.#fieldStart, this.#position);
  }

  fail(what: string): never {
    throw new GraphError(
      "malformed-file",
      `${this.#where()}, byte ${this.#fieldStart}: ${what}. The file is damaged or is not an ONNX file; write it again.`,
    );
  }

  /** Valid ONNX that the IR cannot hold. */
  unsupported(what: string): never {
    throw new GraphError("unsupported-file", `${this.#where()}: ${what}.`);
  }

  #payload(): Uint8Array {
    return this.#bytes.subarray(this.#payloadStart, this.#position);
  }

  #expect(wire: WireType): void {
    if (this.#wire !== wire) this.fail(`field ${this.field} has wire type ${this.#wire} instead of ${wire}`);
  }

  #readVarint(end = this.#bytes.length): void {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#position >= end) this.fail("a number is cut off");
      const byte = this.#bytes[this.#position++]!;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.fail("a number is longer than ten bytes");
  }

  #signed(): number | bigint {
    const value = (this.#high | 0) * TWO_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    return (BigInt(this.#high | 0) << 32n) | BigInt(this.#low);
  }

  #unsigned(): number | bigint {
    const value = this.#high * TWO_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }
}

/** Bytes as text, or undefined where they are not valid UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
