import { GraphError } from "../graph-error.ts";

/** The longest message that protobuf allows. */
export const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
const BY_REFERENCE_BYTES = 1024; // longer payloads are kept by reference until `finish`
const UTF8 = new TextEncoder();
const scratch = new DataView(new ArrayBuffer(8));

/** Writes protobuf wire format (protobuf.dev/programming-guides/encoding). Large payloads are copied once. */
export class WireWriter {
  #chunks: Uint8Array[] = [];
  #buffer = new Uint8Array(64);
  #used = 0;
  #flushed = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#flushed + this.#used;
  }

  /** An int64, int32 or enum field; negative numbers take ten bytes, as protobuf says. */
  int(field: number, value: number | bigint): void {
    this.#tag(field, 0);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#tag(field, 5);
    scratch.setFloat32(0, value, true);
    this.#copy(new Uint8Array(scratch.buffer, 0, 4));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#append(value);
  }

  string(field: number, value: string): void {
    this.bytes(field, UTF8.encode(value));
  }

  /** A string that is left out where it is absent or empty. */
  optionalString(field: number, value: string | undefined): void {
    if (value !== undefined && value !== "") this.string(field, value);
  }

  message(field: number, write: (writer: WireWriter) => void): void {
    const child = new WireWriter();
    write(child);
    this.#tag(field, 2);
    this.#varint(child.length);
    for (const chunk of child.#parts()) this.#append(chunk);
  }

  /** Fields that are encoded already. */
  raw(fields: Uint8Array | undefined): void {
    if (fields !== undefined) this.#append(fields);
  }

  finish(): Uint8Array {
    if (this.length > MAX_MESSAGE_BYTES)
      throw new GraphError(
        "too-large",
        `The model takes ${this.length} bytes; protobuf allows ${MAX_MESSAGE_BYTES}. Keep large initializers as external data (externalInitializer).`,
      );
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts()) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #parts(): readonly Uint8Array[] {
    return [...this.#chunks, this.#buffer.subarray(0, this.#used)];
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number | bigint): void {
    if (typeof value === "number" && value >= 0 && Number.isSafeInteger(value)) {
      let rest = value;
      while (rest >= 0x80) {
        this.#byte((rest % 0x80) | 0x80);
        rest = Math.floor(rest / 0x80);
      }
      this.#byte(rest);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    if (rest !== BigInt(value) && BigInt.asIntN(64, BigInt(value)) !== BigInt(value))
      throw new GraphError("unsupported", `${value} does not fit into 64 bits.`);
    while (rest >= 0x80n) {
      this.#byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#byte(Number(rest));
  }

  #byte(value: number): void {
    if (this.#used === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#used++] = value;
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length < BY_REFERENCE_BYTES) {
      this.#copy(bytes);
      return;
    }
    if (this.#used > 0) this.#chunks.push(this.#buffer.subarray(0, this.#used));
    this.#chunks.push(bytes);
    this.#flushed += this.#used + bytes.length;
    this.#buffer = new Uint8Array(64);
    this.#used = 0;
  }

  #copy(bytes: Uint8Array): void {
    if (this.#used + bytes.length > this.#buffer.length) this.#grow(bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #grow(more: number): void {
    const next = new Uint8Array(Math.max(2 * this.#buffer.length, this.#used + more));
    next.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = next;
  }
}
