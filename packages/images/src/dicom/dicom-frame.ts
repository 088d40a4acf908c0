import type { Context as CodecContext } from "dcmjs-codecs";
import type { DataSet, Element } from "dicom-parser";
import { ImageError } from "../image-error.ts";
import type { DicomAttributes, DicomFile } from "./dicom-attributes.ts";

/** The bytes of one frame as they would lie in an uncompressed little-endian file, and how their colours are to be read. */
export interface DicomFrame {
  bytes: Uint8Array;
  photometric: string;
  planar: boolean;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
}

type Decoder = "decodeRle" | "decodeJpeg" | "decodeJpegLs" | "decodeJpeg2000" | "decodeHtJpeg2000";

const uncompressed = new Set([
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2.1.99",
  "1.2.840.10008.1.2.2",
]);

/** Transfer syntaxes with compressed pixels (PS3.5 §10) and what decodes them. */
const decoders: Readonly<Record<string, Decoder>> = {
  "1.2.840.10008.1.2.5": "decodeRle",
  "1.2.840.10008.1.2.4.50": "decodeJpeg",
  "1.2.840.10008.1.2.4.51": "decodeJpeg",
  "1.2.840.10008.1.2.4.57": "decodeJpeg",
  "1.2.840.10008.1.2.4.70": "decodeJpeg",
  "1.2.840.10008.1.2.4.80": "decodeJpegLs",
  "1.2.840.10008.1.2.4.81": "decodeJpegLs",
  "1.2.840.10008.1.2.4.90": "decodeJpeg2000",
  "1.2.840.10008.1.2.4.91": "decodeJpeg2000",
  "1.2.840.10008.1.2.4.201": "decodeHtJpeg2000",
  "1.2.840.10008.1.2.4.202": "decodeHtJpeg2000",
  "1.2.840.10008.1.2.4.203": "decodeHtJpeg2000",
};

/** The bytes of frame `index` (from 0). Throws `IMAGE_FORMAT_UNSUPPORTED` and `IMAGE_UNREADABLE`. */
export async function frameBytes(
  file: DicomFile,
  attributes: DicomAttributes,
  index: number,
): Promise<DicomFrame> {
  const { transferSyntax, photometric, planar, bitsAllocated, bitsStored, highBit } = attributes;
  const pixels = file.pixels!;
  if (uncompressed.has(transferSyntax) && !pixels.encapsulatedPixelData)
    return {
      bytes: nativeFrame(file, attributes, index),
      ...{ photometric, planar, bitsAllocated, bitsStored, highBit },
    };
  const decoder = decoders[transferSyntax];
  if (decoder === undefined)
    throw new ImageError(
      "IMAGE_FORMAT_UNSUPPORTED",
      `DICOM transfer syntax ${transferSyntax || "(not stated)"} is not understood; convert the file to an uncompressed one.`,
    );
  const encoded = await fragmentOf(file.dataSet, pixels, attributes.frames, index);
  const decoded = await decodeWith(decoder, encoded, attributes);
  return { ...decoded, highBit: decoded.bitsStored - 1 };
}

const damaged = (detail: string): ImageError =>
  new ImageError(
    "IMAGE_UNREADABLE",
    `the DICOM file's pixel data ${detail}; it is damaged or cut off, fetch it again.`,
  );

function nativeFrame(
  { dataSet, pixels, bigEndian }: DicomFile,
  attributes: DicomAttributes,
  index: number,
): Uint8Array {
  const { rows, columns, samples, bitsAllocated, photometric } = attributes;
  const values = rows * columns * (photometric === "YBR_FULL_422" ? 2 : samples);
  const start = pixels!.dataOffset;
  const end = Math.min(start + pixels!.length, dataSet.byteArray.length);
  if (bitsAllocated === 1) {
    if (Math.ceil(((index + 1) * values) / 8) > end - start) throw damaged("is shorter than its size says");
    return unpackBits(dataSet.byteArray.subarray(start, end), index * values, values);
  }
  const bytes = values * (bitsAllocated / 8);
  if ((index + 1) * bytes > end - start) throw damaged("is shorter than its size says");
  const frame = Uint8Array.from(
    dataSet.byteArray.subarray(start + index * bytes, start + (index + 1) * bytes),
  );
  if (bigEndian && bitsAllocated === 16) Buffer.from(frame.buffer).swap16();
  if (bigEndian && bitsAllocated === 32) Buffer.from(frame.buffer).swap32();
  return frame;
}

/** One byte a value. Bits are packed from the least significant, frames without padding between them (PS3.5 §8.1.1). */
function unpackBits(packed: Uint8Array, from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (packed[(from + at) >> 3]! >> ((from + at) & 7)) & 1);
}

/** The encoded bytes of a frame: by the offset table, else by the fragments (PS3.5 §A.4). */
async function fragmentOf(
  dataSet: DataSet,
  pixels: Element,
  frames: number,
  index: number,
): Promise<Uint8Array> {
  const { default: dicomParser } = await import("dicom-parser");
  const fragments = pixels.fragments ?? [];
  const all = (from: number, count: number) =>
    dicomParser.readEncapsulatedPixelDataFromFragments(dataSet, pixels, from, count) as Uint8Array;
  try {
    if (frames === 1 && fragments.length > 0) return all(0, fragments.length);
    if (fragments.length === frames) return all(index, 1);
    const table = pixels.basicOffsetTable ?? [];
    const offsets = table.length > 0 ? table : dicomParser.createJPEGBasicOffsetTable(dataSet, pixels);
    return dicomParser.readEncapsulatedImageFrame(dataSet, pixels, index, offsets) as Uint8Array;
  } catch {
    throw damaged(`has no frame ${index + 1}`);
  }
}

type Codecs = typeof import("dcmjs-codecs");
let loaded: Promise<Codecs> | undefined;

/** The codecs are WebAssembly of 4 MB: loaded at first use, and anew after a fault, because a fault leaves their memory in disorder. */
async function loadCodecs(): Promise<Codecs> {
  const module = (await import("dcmjs-codecs")) as Codecs & { default?: Codecs };
  const codecs = module.default ?? module;
  await codecs.NativeCodecs.initializeAsync({ logCodecsInfo: false, logCodecsTrace: false });
  return codecs;
}

async function decodeWith(
  decoder: Decoder,
  encodedBuffer: Uint8Array,
  attributes: DicomAttributes,
): Promise<Omit<DicomFrame, "highBit">> {
  const { columns, rows, bitsAllocated, bitsStored, samples, signed, planar, photometric } = attributes;
  loaded ??= loadCodecs();
  const { NativeCodecs, Context } = await loaded;
  let result: CodecContext;
  try {
    const context = new Context({
      width: columns,
      height: rows,
      bitsAllocated,
      bitsStored,
      samplesPerPixel: samples,
      pixelRepresentation: signed ? 1 : 0,
      planarConfiguration: planar ? 1 : 0,
      photometricInterpretation: photometric,
      encodedBuffer,
    });
    result = NativeCodecs[decoder](context, { convertColorspaceToRgb: true });
  } catch {
    loaded = undefined;
    NativeCodecs.release();
    throw damaged(`cannot be decoded (transfer syntax ${attributes.transferSyntax})`);
  }
  const bytes = result.getDecodedBuffer();
  const allocated = result.getBitsAllocated() ?? bitsAllocated;
  if (bytes === undefined || bytes.length < (rows * columns * samples * allocated) / 8)
    throw damaged("decodes to fewer pixels than its size says");
  return {
    bytes: Uint8Array.from(bytes),
    photometric: result.getPhotometricInterpretation() ?? photometric,
    planar: result.getPlanarConfiguration() === 1,
    bitsAllocated: allocated,
    bitsStored: result.getBitsStored() ?? bitsStored,
  };
}
