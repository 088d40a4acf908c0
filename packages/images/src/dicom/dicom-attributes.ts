import { inflateRawSync } from "node:zlib";
import type { DataSet, Element } from "dicom-parser";
import { ImageError } from "../image-error.ts";

/** A lookup table of DICOM: `entries` values from the stored value `first` on; values below and above take the first and the last. */
export interface DicomLut {
  first: number;
  /** Bits of an entry: 8 or 16 as stated, though writers state 10 to 16 for tables in 16-bit words. */
  bits: number;
  entries: Uint16Array;
}

/** Centre and width of the values that are shown, after rescaling (PS3.3 C.11.2.1.2). */
export interface DicomWindow {
  center: number;
  width: number;
  shape?: "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
}

/** What is read from a DICOM file. Names, numbers and dates of the patient are not among it and are never read. */
export interface DicomAttributes {
  transferSyntax: string;
  modality: string | undefined;
  secondaryCapture: boolean;
  burnedIn: string | undefined;
  photometric: string;
  rows: number;
  columns: number;
  frames: number;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  signed: boolean;
  planar: boolean;
  padding: number | undefined;
  slope: number;
  intercept: number;
  window: DicomWindow | undefined;
  inverse: boolean;
  modalityLut: DicomLut | undefined;
  voiLut: DicomLut | undefined;
  palette: [DicomLut, DicomLut, DicomLut] | undefined;
}

/** The file's data set and its pixel element, if it has one. */
export interface DicomFile {
  dataSet: DataSet;
  pixels: Element | undefined;
  bigEndian: boolean;
}

/** "DICM" after the preamble of 128 bytes (PS3.10 §7.1). */
export const isDicom = (bytes: Uint8Array): boolean =>
  bytes.length >= 132 &&
  bytes[128] === 0x44 &&
  bytes[129] === 0x49 &&
  bytes[130] === 0x43 &&
  bytes[131] === 0x4d;

const DEFLATED = "1.2.840.10008.1.2.1.99";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const MOST_INFLATED = 1 << 30;

/** Parses the file's structure. Errors never quote its texts, which may identify a person. */
export async function parseDicomFile(bytes: Uint8Array): Promise<DicomFile> {
  const { default: dicomParser } = await import("dicom-parser");
  try {
    const dataSet = dicomParser.parseDicom(bytes, {
      inflater: (all: Uint8Array, position: number) => {
        const body = inflateRawSync(all.subarray(position), { maxOutputLength: MOST_INFLATED });
        const whole = new Uint8Array(position + body.length);
        whole.set(all.subarray(0, position));
        whole.set(body, position);
        return whole;
      },
    } as object);
    const transferSyntax = dataSet.string("x00020010") ?? "";
    if (transferSyntax === DEFLATED && dataSet.elements.x00280010 === undefined && bytes.length > 1024)
      throw new Error("nothing after the deflated header");
    return {
      dataSet,
      pixels: dataSet.elements.x7fe00010,
      bigEndian: transferSyntax === BIG_ENDIAN,
    };
  } catch {
    throw new ImageError(
      "IMAGE_UNREADABLE",
      `the DICOM file of ${bytes.length} bytes cannot be parsed; it is damaged or cut off, fetch it again.`,
    );
  }
}

/** The attributes that say how pixels are to be read. Throws `IMAGE_NO_PIXELS` and `IMAGE_UNREADABLE`. */
export function readAttributes({ dataSet, pixels }: DicomFile): DicomAttributes {
  const code = (tag: string): string | undefined => {
    const text = dataSet.string(tag)?.trim();
    return text !== undefined && /^[\w. ]{1,64}$/.test(text) ? text : undefined;
  };
  const modality = /^[A-Z]{2,4}$/.test(code("x00080060") ?? "") ? code("x00080060") : undefined;
  if (pixels === undefined)
    throw new ImageError(
      "IMAGE_NO_PIXELS",
      `the DICOM file has no pixel data${modality === undefined ? "" : ` (modality ${modality})`}: reports and waveforms have none.`,
    );
  const count = (tag: string, name: string, fallback?: number): number => {
    const value = dataSet.elements[tag] === undefined ? fallback : dataSet.uint16(tag);
    if (value === undefined)
      throw new ImageError("IMAGE_UNREADABLE", `the DICOM file has pixel data but does not state ${name}.`);
    return value;
  };
  const number = (tag: string): number | undefined => {
    const value = Number.parseFloat(dataSet.string(tag)?.split("\\")[0] ?? "");
    return Number.isFinite(value) ? value : undefined;
  };
  const bitsAllocated = count("x00280100", "Bits Allocated");
  const bitsStored = count("x00280101", "Bits Stored", bitsAllocated);
  const signed = count("x00280103", "Pixel Representation", 0) === 1;
  const [center, width] = [number("x00281050"), number("x00281051")];
  const shape = code("x00281056");
  const palette = ["1", "2", "3"].map((n) => lut(dataSet, `x0028110${n}`, `x0028120${n}`, false));
  return {
    transferSyntax: code("x00020010") ?? "",
    modality,
    secondaryCapture: (code("x00080016") ?? "").startsWith("1.2.840.10008.5.1.4.1.1.7"),
    burnedIn: code("x00280301"),
    photometric: code("x00280004") ?? "MONOCHROME2",
    rows: count("x00280010", "Rows"),
    columns: count("x00280011", "Columns"),
    frames: Math.max(1, Math.trunc(number("x00280008") ?? 1)),
    samples: count("x00280002", "Samples per Pixel", 1),
    bitsAllocated,
    bitsStored,
    highBit: count("x00280102", "High Bit", bitsStored - 1),
    signed,
    planar: count("x00280006", "Planar Configuration", 0) === 1,
    padding:
      dataSet.elements.x00280120 === undefined
        ? undefined
        : signed
          ? dataSet.int16("x00280120")
          : dataSet.uint16("x00280120"),
    slope: number("x00281053") || 1,
    intercept: number("x00281052") ?? 0,
    window:
      center === undefined || width === undefined || width <= 0
        ? undefined
        : {
            center,
            width,
            shape: shape === "SIGMOID" || shape === "LINEAR_EXACT" ? shape : "LINEAR",
          },
    inverse: code("x20500020") === "INVERSE",
    modalityLut: lutOfSequence(dataSet, "x00283000", signed),
    voiLut: lutOfSequence(dataSet, "x00283010", signed),
    palette: palette.every((table) => table !== undefined)
      ? (palette as [DicomLut, DicomLut, DicomLut])
      : undefined,
  };
}

function lutOfSequence(dataSet: DataSet, tag: string, signed: boolean): DicomLut | undefined {
  const item = dataSet.elements[tag]?.items?.[0]?.dataSet;
  return item === undefined ? undefined : lut(item, "x00283002", "x00283006", signed);
}

/** PS3.3 C.11.1.1.1: number of entries (0 means 65,536), first stored value mapped, bits of an entry; 8-bit entries may lie one a byte. */
function lut(dataSet: DataSet, descriptor: string, data: string, signed: boolean): DicomLut | undefined {
  const element = dataSet.elements[data];
  if (element === undefined || dataSet.elements[descriptor] === undefined) return undefined;
  const length = dataSet.uint16(descriptor, 0) || 65_536;
  const first = (signed ? dataSet.int16(descriptor, 1) : dataSet.uint16(descriptor, 1)) ?? 0;
  const bits = dataSet.uint16(descriptor, 2) ?? 16;
  const bytes = bits <= 8 && element.length < length * 2;
  if (element.length < (bytes ? length : length * 2)) return undefined;
  const entries = Uint16Array.from({ length }, (_, at) =>
    bytes
      ? dataSet.byteArray[element.dataOffset + at]!
      : dataSet.byteArrayParser.readUint16(dataSet.byteArray, element.dataOffset + at * 2),
  );
  return { first, bits, entries };
}
