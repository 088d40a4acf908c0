/** What one record of a TensorBoard event file says. */
export type TensorBoardEvent =
  | { kind: "version"; seconds: number }
  /** TensorBoard forgets what an earlier session said of this step and later ones. */
  | { kind: "session-start"; seconds: number; step: number }
  | {
      kind: "scalars";
      seconds: number;
      step: number;
      values: readonly (readonly [tag: string, value: number])[];
    };

/**
 * One record of a TensorBoard event file: a TFRecord (length, masked CRC-32C, data, masked CRC-32C; tensorflow/core/lib/io/record_writer) around an `Event`
 * message (tensorflow/core/util/event.proto: wall_time 1, step 2, file_version 3, summary 5, session_log 7).
 */
export function tensorBoardRecord(event: TensorBoardEvent): Buffer {
  const data = Buffer.concat(messageParts(event));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, checksum(length), data, checksum(data)]);
}

function messageParts(event: TensorBoardEvent): Buffer[] {
  const parts = [field(1, 1), double(event.seconds)];
  if (event.kind === "version") return [...parts, bytesField(3, Buffer.from("brain.Event:2"))];
  parts.push(field(2, 0), varint(event.step));
  if (event.kind === "session-start")
    return [...parts, bytesField(7, Buffer.concat([field(1, 0), varint(1)]))];
  const summary = event.values.map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag, "utf8")), field(2, 5), float(value)])),
  );
  return [...parts, bytesField(5, Buffer.concat(summary))];
}

/** Number and wire type of a field (protobuf encoding). */
const field = (number: number, wire: 0 | 1 | 2 | 5) => varint(number * 8 + wire);
const bytesField = (number: number, bytes: Buffer) =>
  Buffer.concat([field(number, 2), varint(bytes.length), bytes]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function double(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return buffer;
}

function float(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

const polynomial = 0x82f63b78; // CRC-32C (Castagnoli), reflected
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc >>> 0;
});

export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function checksum(data: Uint8Array): Buffer {
  const crc = crc32c(data);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(masked);
  return buffer;
}
