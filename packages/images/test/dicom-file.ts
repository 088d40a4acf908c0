/** Writes small DICOM files for tests: explicit VR, little-endian unless said (PS3.5 §7, PS3.10 §7). */

type Value = string | number | readonly number[] | Uint8Array;
export type Elements = Readonly<Record<string, readonly [vr: string, value: Value]>>;

const long = new Set(["OB", "OW", "UN", "SQ"]);

function encode(value: Value, vr: string, big: boolean): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === "string")
    return Buffer.from(value.length % 2 === 0 ? value : `${value}${vr === "UI" ? "\0" : " "}`, "latin1");
  const numbers = typeof value === "number" ? [value] : value;
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [at, number] of numbers.entries())
    if (big) bytes.writeUInt16BE(number & 0xffff, at * 2);
    else bytes.writeUInt16LE(number & 0xffff, at * 2);
  return bytes;
}

function element(tag: string, vr: string, body: Buffer, big: boolean, undefinedLength = false): Buffer {
  const head = Buffer.alloc(long.has(vr) ? 12 : 8);
  const put16 = (value: number, at: number) =>
    big ? head.writeUInt16BE(value, at) : head.writeUInt16LE(value, at);
  put16(Number.parseInt(tag.slice(0, 4), 16), 0);
  put16(Number.parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, "latin1");
  const length = undefinedLength ? 0xffffffff : body.length;
  if (!long.has(vr)) put16(length, 6);
  else if (big) head.writeUInt32BE(length, 8);
  else head.writeUInt32LE(length, 8);
  return Buffer.concat([head, body]);
}

const item = (body: Uint8Array) => {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(body.length + (body.length % 2), 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};

/** `pixels`: the native bytes, or the encoded frames one after the other. `deflate` compresses all after the header. */
export function dicomFile(
  elements: Elements,
  pixels: Uint8Array | readonly Uint8Array[] | undefined,
  syntax = "1.2.840.10008.1.2.1",
  deflate: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): Uint8Array {
  const big = syntax === "1.2.840.10008.1.2.2";
  const header = element("00020010", "UI", encode(syntax, "UI", false), false);
  const length = element("00020000", "UL", Buffer.from([header.length, 0, 0, 0]), false);
  const body = Object.entries(elements)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, [vr, value]]) => element(tag, vr, encode(value, vr, big), big));
  if (pixels instanceof Uint8Array) body.push(element("7fe00010", "OW", Buffer.from(pixels), big));
  else if (pixels !== undefined) {
    const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    const frames = Buffer.concat([item(new Uint8Array()), ...pixels.map(item), end]);
    body.push(element("7fe00010", "OB", frames, false, true));
  }
  return new Uint8Array(
    Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), length, header, deflate(Buffer.concat(body))]),
  );
}

/** Attributes of a picture, as the tags of PS3.3 C.7.6.3 name them. */
export const picture = (
  columns: number,
  rows: number,
  more: { bits?: number; stored?: number; signed?: boolean; photometric?: string; samples?: number } = {},
): Elements => {
  const { bits = 16, stored = bits, signed = false, photometric = "MONOCHROME2", samples = 1 } = more;
  return {
    "00280002": ["US", samples],
    "00280004": ["CS", photometric],
    "00280010": ["US", rows],
    "00280011": ["US", columns],
    "00280100": ["US", bits],
    "00280101": ["US", stored],
    "00280102": ["US", stored - 1],
    "00280103": ["US", signed ? 1 : 0],
  };
};

export const words = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
