import type { DecodedImage } from "../decoded-image.ts";
import { ImageError } from "../image-error.ts";
import {
  type DicomAttributes,
  type DicomWindow,
  parseDicomFile,
  readAttributes,
} from "./dicom-attributes.ts";
import { colourPixels } from "./dicom-colour.ts";
import { frameBytes } from "./dicom-frame.ts";
import { greyLevels, storedValues } from "./dicom-grey.ts";

export type DicomOptions = {
  /** Which frame, counted from 1. Default 1. */
  frame?: number;
  /** The values to show, after rescaling; default the file's own window. */
  window?: DicomWindow;
  /** Refuse a frame with more pixels. Default 100 million. */
  maxPixels?: number;
};

/** Whether a picture may carry the patient's name in its pixels, by what the file says of itself. */
export type BurnedIn = "stated" | "likely" | "denied" | "not-stated";

export type DecodedDicom = {
  image: DecodedImage;
  /** How many frames the file has. */
  frames: number;
  /** DICOM's code, such as CT or US. */
  modality?: string;
  /** `likely`: not stated, and of a kind (ultrasound, endoscopy, photographs, screen captures) that usually carries text. */
  burnedIn: BurnedIn;
};

/**
 * One frame of a DICOM file as a viewer shows it, 8 bits: native, RLE, JPEG (8 and 12 bits, lossless), JPEG-LS, JPEG 2000 and HTJ2K.
 * Nothing but pixels is taken over, so names, numbers and dates stay behind; overlays are not drawn.
 * Throws `IMAGE_NO_PIXELS` (a report, a waveform), `IMAGE_FRAME_MISSING`, `IMAGE_TOO_LARGE`, `IMAGE_FORMAT_UNSUPPORTED` or
 * `IMAGE_UNREADABLE`; no message quotes a text of the file.
 */
export async function decodeDicom(bytes: Uint8Array, options: DicomOptions = {}): Promise<DecodedDicom> {
  const { frame = 1, window, maxPixels = 100_000_000 } = options;
  const file = await parseDicomFile(bytes);
  const attributes = readAttributes(file);
  const { rows, columns, frames, samples, modality } = attributes;
  if (!Number.isSafeInteger(frame) || frame < 1 || frame > frames)
    throw new ImageError("IMAGE_FRAME_MISSING", `the DICOM file has frames 1 to ${frames}, not ${frame}.`);
  if (rows * columns > maxPixels)
    throw new ImageError(
      "IMAGE_TOO_LARGE",
      `the DICOM frame has more than ${maxPixels} pixels; shrink it or raise maxPixels.`,
    );
  if (rows * columns === 0 || (samples !== 1 && samples !== 3))
    throw new ImageError(
      "IMAGE_UNREADABLE",
      `a DICOM frame of ${columns}×${rows} with ${samples} samples a pixel is not understood.`,
    );
  const found = await frameBytes(file, attributes, frame - 1);
  const grey = samples === 1 && found.photometric !== "PALETTE COLOR";
  const data = grey
    ? greyLevels(storedValues(found, attributes.signed), attributes, window)
    : colourPixels(found, () => storedValues(found, attributes.signed), attributes);
  const length = rows * columns * (grey ? 1 : 3);
  return {
    image: { width: columns, height: rows, channels: grey ? 1 : 3, data: data.slice(0, length) },
    frames,
    ...(modality === undefined ? {} : { modality }),
    burnedIn: burnedIn(attributes),
  };
}

const captured = new Set(["US", "IVUS", "ES", "XC", "GM", "SM", "OP", "OT", "SC", "XA", "RF", "DOC"]);

function burnedIn({ burnedIn: stated, modality, secondaryCapture }: DicomAttributes): BurnedIn {
  if (stated === "YES") return "stated";
  if (stated === "NO") return "denied";
  return secondaryCapture || (modality !== undefined && captured.has(modality)) ? "likely" : "not-stated";
}
