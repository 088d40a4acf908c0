import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dicomFile, type Elements, picture, words } from "../../test/dicom-file.ts";
import { decodeImage } from "../decode-image.ts";
import { ImageError } from "../image-error.ts";
import { openImageStore } from "../image-store.ts";
import { decodeDicom } from "./decode-dicom.ts";

const grey = async (file: Uint8Array, options = {}) => [...(await decodeDicom(file, options)).image.data];
/** Who the patient is, where, when: what must stay behind. */
const person: Elements = {
  "00080050": ["SH", "ACC-4711"],
  "00080080": ["LO", "Sankt Zebedee"],
  "00080090": ["PN", "Referrer^Rita"],
  "00100010": ["PN", "Zzyzx^Quentin"],
  "00100020": ["LO", "MRN-0815"],
  "00100030": ["DA", "19010203"],
};
const secrets = Object.values(person).map(([, value]) => value as string);

describe("grey levels", () => {
  it("from the least to the greatest value when no window is given, signed or not", async () => {
    expect(await grey(dicomFile(picture(2, 2), words(100, 200, 300, 200)))).toEqual([0, 128, 255, 128]);
    const signed = picture(2, 2, { signed: true });
    expect(await grey(dicomFile(signed, words(-100, 0, 100, 0)))).toEqual([0, 128, 255, 128]);
    expect(await grey(dicomFile(picture(2, 1, { bits: 8 }), Uint8Array.of(7, 7)))).toEqual([0, 0]);
  });
  it("by window, rescaled first: PS3.3 C.11.2.1.2 with c 40, w 400 of Hounsfield units", async () => {
    const ct: Elements = {
      ...picture(5, 1, { signed: true }),
      "00281050": ["DS", "40\\300"],
      "00281051": ["DS", "400\\1500"],
      "00281052": ["DS", "-1024"],
      "00281053": ["DS", "2"],
    };
    const units = [-1024, -160, 40, 238, 240];
    const stored = units.map((unit) => (unit + 1024) / 2);
    const expected = units.map((x) => Math.max(0, Math.min(255, Math.round(((x - 39.5) / 399 + 0.5) * 255))));
    expect(await grey(dicomFile(ct, words(...stored)))).toEqual(expected);
    expect(expected).toEqual([0, 0, 128, 254, 255]);
    expect(await grey(dicomFile(ct, words(...stored)), { window: { center: -600, width: 1 } })).toEqual([
      0, 255, 255, 255, 255,
    ]);
  });
  it("inverts MONOCHROME1, leaves padding out of the range, masks bits that are not stored", async () => {
    expect(await grey(dicomFile(picture(2, 1, { photometric: "MONOCHROME1" }), words(0, 9)))).toEqual([
      255, 0,
    ]);
    const padded: Elements = { ...picture(3, 1), "00280120": ["US", 65535] };
    expect(await grey(dicomFile(padded, words(65535, 10, 20)))).toEqual([255, 0, 255]);
    const twelve = picture(2, 1, { stored: 12 });
    expect(await grey(dicomFile(twelve, words(0xf000, 0xffff)))).toEqual([0, 255]);
  });
  it("one bit a pixel, frames without padding between them", async () => {
    const bits = { ...picture(3, 1, { bits: 1 }), "00280008": ["IS", "2"] as const };
    const file = dicomFile(bits, Uint8Array.of(0b101010, 0));
    expect(await grey(file)).toEqual([0, 255, 0]);
    expect(await grey(file, { frame: 2 })).toEqual([255, 0, 255]);
  });
  it("big-endian and deflated files give the same pixels", async () => {
    const swapped = Buffer.from(words(1, 2, 3)).swap16();
    expect(await grey(dicomFile(picture(3, 1), swapped, "1.2.840.10008.1.2.2"))).toEqual([0, 128, 255]);
    const deflated = dicomFile(picture(3, 1), words(1, 2, 3), "1.2.840.10008.1.2.1.99", deflateRawSync);
    expect(await grey(deflated)).toEqual([0, 128, 255]);
  });
  it("the chosen frame of several; one that is not there is an error", async () => {
    const file = dicomFile({ ...picture(2, 1), "00280008": ["IS", "3"] }, words(0, 1, 1, 0, 0, 9));
    expect(await grey(file, { frame: 2 })).toEqual([255, 0]);
    expect((await decodeDicom(file)).frames).toBe(3);
    await expect(decodeDicom(file, { frame: 4 })).rejects.toMatchObject({ code: "IMAGE_FRAME_MISSING" });
  });
});

describe("colours", () => {
  const rgb = (more: Elements = {}, photometric = "RGB") => ({
    ...picture(2, 1, { bits: 8, samples: 3, photometric }),
    ...more,
  });
  it("pixel by pixel and plane by plane", async () => {
    expect(await grey(dicomFile(rgb(), Uint8Array.of(1, 2, 3, 4, 5, 6)))).toEqual([1, 2, 3, 4, 5, 6]);
    const planes = rgb({ "00280006": ["US", 1] });
    expect(await grey(dicomFile(planes, Uint8Array.of(1, 4, 2, 5, 3, 6)))).toEqual([1, 2, 3, 4, 5, 6]);
  });
  it("YBR, whole and subsampled", async () => {
    const red = [76, 85, 255];
    const near = (data: number[]) => data.map((value) => Math.round(value / 4));
    const whole = await grey(dicomFile(rgb({}, "YBR_FULL"), Uint8Array.of(...red, ...red)));
    const halved = await grey(dicomFile(rgb({}, "YBR_FULL_422"), Uint8Array.of(76, 76, 85, 255)));
    expect(near(whole)).toEqual(near([254, 0, 0, 254, 0, 0]));
    expect(halved).toEqual(whole);
  });
  it("a palette", async () => {
    const palette = (values: number[]) => words(...values.map((value) => value << 8));
    const file = dicomFile(
      {
        ...picture(3, 1, { bits: 8, photometric: "PALETTE COLOR" }),
        "00281101": ["US", [2, 1, 16]],
        "00281102": ["US", [2, 1, 16]],
        "00281103": ["US", [2, 1, 16]],
        "00281201": ["OW", palette([10, 40])],
        "00281202": ["OW", palette([20, 50])],
        "00281203": ["OW", palette([30, 60])],
      },
      Uint8Array.of(0, 1, 2),
    );
    expect(await grey(file)).toEqual([10, 20, 30, 10, 20, 30, 40, 50, 60]);
  });
});

describe("compressed pixels", async () => {
  const module = await import("dcmjs-codecs");
  const { NativeCodecs, Context } = (module as unknown as { default?: typeof module }).default ?? module;
  await NativeCodecs.initializeAsync({ logCodecsInfo: false });
  const [width, height] = [32, 24];
  const values = Array.from(
    { length: width * height },
    (_, at) => ((at % width) * 100 + (at >> 5) * 30) & 0xfff,
  );
  type Encoder = "encodeRle" | "encodeJpeg" | "encodeJpegLs" | "encodeJpeg2000" | "encodeHtJpeg2000";
  const encoded = (encoder: Encoder, options: { lossy?: boolean; predictor?: number }) => {
    const context = new Context({
      ...{ width, height, bitsAllocated: 16, bitsStored: 12, samplesPerPixel: 1, pixelRepresentation: 0 },
      ...{
        planarConfiguration: 0,
        photometricInterpretation: "MONOCHROME2",
        decodedBuffer: words(...values),
      },
    });
    return Uint8Array.from(NativeCodecs[encoder](context, options).getEncodedBuffer()!);
  };
  const attributes = picture(width, height, { stored: 12 });
  const native = () => grey(dicomFile(attributes, words(...values)));

  it.each([
    ["RLE", "1.2.840.10008.1.2.5", "encodeRle", {}],
    ["JPEG lossless", "1.2.840.10008.1.2.4.70", "encodeJpeg", { lossy: false, predictor: 1 }],
    ["JPEG-LS", "1.2.840.10008.1.2.4.80", "encodeJpegLs", { lossy: false }],
    ["JPEG 2000", "1.2.840.10008.1.2.4.90", "encodeJpeg2000", { lossy: false }],
    ["HTJ2K", "1.2.840.10008.1.2.4.201", "encodeHtJpeg2000", { lossy: false }],
  ] as const)("%s of 12 bits gives every native pixel", async (_name, syntax, encoder, options) => {
    expect(await grey(dicomFile(attributes, [encoded(encoder, options)], syntax))).toEqual(await native());
  });
  it("lossy JPEG comes near them", async () => {
    const small = { ...{ width, height, bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 1 } };
    const bytes = Uint8Array.from(values, (value) => value >> 4);
    const context = new Context({
      ...{ ...small, pixelRepresentation: 0, planarConfiguration: 0 },
      ...{ photometricInterpretation: "MONOCHROME2", decodedBuffer: bytes },
    });
    const jpeg = Uint8Array.from(
      NativeCodecs.encodeJpeg(context, { lossy: true, quality: 95 }).getEncodedBuffer()!,
    );
    const eight = picture(width, height, { bits: 8 });
    const window: Elements = { "00281050": ["DS", "128"], "00281051": ["DS", "256"] };
    const found = await grey(dicomFile({ ...eight, ...window }, [jpeg], "1.2.840.10008.1.2.4.50"));
    const error = found.reduce((sum, value, at) => sum + Math.abs(value - bytes[at]!), 0) / found.length;
    expect(error).toBeLessThan(3);
  });
  it("frames by fragments, and one frame over several fragments", async () => {
    const frame = encoded("encodeRle", {});
    const two = { ...attributes, "00280008": ["IS", "2"] as const };
    expect(await grey(dicomFile(two, [frame, frame], "1.2.840.10008.1.2.5"), { frame: 2 })).toEqual(
      await native(),
    );
    const parts = [frame.subarray(0, 100), frame.subarray(100)];
    expect(await grey(dicomFile(attributes, parts, "1.2.840.10008.1.2.5"))).toEqual(await native());
  });
  it("a fault of a decoder is a named error, and the next file is decoded all the same", async () => {
    const good = dicomFile(
      attributes,
      [encoded("encodeJpeg2000", { lossy: false })],
      "1.2.840.10008.1.2.4.90",
    );
    const broken = dicomFile(attributes, [Uint8Array.of(1, 2, 3, 4)], "1.2.840.10008.1.2.4.90");
    await expect(decodeDicom(broken)).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
    expect(await grey(good)).toEqual(await native());
    const video = dicomFile(attributes, [Uint8Array.of(1, 2)], "1.2.840.10008.1.2.4.100");
    await expect(decodeDicom(video)).rejects.toMatchObject({ code: "IMAGE_FORMAT_UNSUPPORTED" });
  });
});

describe("what a file says of itself", () => {
  it("is dropped with its reason when it has no pixels", async () => {
    const report = dicomFile({ ...person, "00080060": ["CS", "SR"] }, undefined);
    await expect(decodeDicom(report)).rejects.toMatchObject({
      code: "IMAGE_NO_PIXELS",
      message: expect.stringContaining("modality SR"),
    });
  });
  it("warns of text in the picture", async () => {
    const kind = async (more: Elements) =>
      (await decodeDicom(dicomFile({ ...picture(1, 1), ...more }, words(1)))).burnedIn;
    expect(await kind({ "00280301": ["CS", "YES"] })).toBe("stated");
    expect(await kind({ "00280301": ["CS", "NO"], "00080060": ["CS", "US"] })).toBe("denied");
    expect(await kind({ "00080060": ["CS", "US"] })).toBe("likely");
    expect(await kind({ "00080016": ["UI", "1.2.840.10008.5.1.4.1.1.7"] })).toBe("likely");
    expect(await kind({ "00080060": ["CS", "CT"] })).toBe("not-stated");
  });
  it("leaves who the patient is behind: not in the store, not in errors", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dicom-"));
    try {
      const store = openImageStore(folder);
      const file = dicomFile(
        { ...person, ...picture(4, 4) },
        words(...Array.from({ length: 16 }, (_, at) => at)),
      );
      const ref = await store.put(file);
      expect(ref).toMatchObject({ mime: "image/png", width: 4, height: 4 });
      const stored = Buffer.from(await store.read(ref)).toString("latin1");
      for (const secret of secrets) expect(stored).not.toContain(secret);
      for (const end of [200, 260, 300, file.length - 8]) {
        const error = (await decodeDicom(file.slice(0, end)).catch((thrown: unknown) => thrown)) as Error;
        expect(error).toBeInstanceOf(ImageError);
        for (const secret of secrets) expect(`${error.message}${error.stack}`).not.toContain(secret);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it("any damage is an error with a name", async () => {
    const file = dicomFile(
      { ...person, ...picture(6, 5), "00280008": ["IS", "1"] },
      words(...Array(30).keys()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 132, max: file.length - 1 }), fc.nat(255)), { maxLength: 4 }),
        fc.integer({ min: 132, max: file.length }),
        async (changes, length) => {
          const damaged = file.slice();
          for (const [at, value] of changes) damaged[at] = value;
          await decodeDicom(damaged.subarray(0, length)).catch((error: unknown) =>
            expect(error).toBeInstanceOf(ImageError),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

const samples = ["MEDE2_SHARED" in process.env ? process.env.MEDE2_SHARED! : "", "../../../shared"]
  .map((folder) => join(folder, "data/dicom_samples"))
  .find((folder) => existsSync(folder));

describe.skipIf(samples === undefined)("public sample files (skipped: no shared/data/dicom_samples)", () => {
  const file = (name: string) => new Uint8Array(readFileSync(join(samples!, name)));
  // sha256 of the 8-bit pixels by pydicom 3.0.2 with pylibjpeg-openjpeg 2.6.0: apply_modality_lut, apply_voi_lut, else the range of the frame
  it.each([
    ["CT_small.dcm", "93a18f934884c6cf"],
    ["MR_small.dcm", "38ab8d87e706bf8d"],
    ["MR_small_RLE.dcm", "38ab8d87e706bf8d"],
    ["SC_rgb_jpeg_dcmd.dcm", "be7aa556b206ac44"],
    ["examples_jpeg2k.dcm", "e16892020c73095e"],
    ["examples_rgb_color.dcm", "a64f021b9093684b"],
    ["liver_1frame.dcm", "7d0e38255050eac1"],
  ])("%s is as pydicom shows it, pixel by pixel", async (name, digest) => {
    const { data } = await decodeImage(file(name));
    expect(createHash("sha256").update(data).digest("hex").slice(0, 16)).toBe(digest);
  });
  it("native and RLE are the same picture; JPEG 2000 and native colour too, at another size", async () => {
    expect(await decodeImage(file("MR_small_RLE.dcm"))).toEqual(await decodeImage(file("MR_small.dcm")));
    expect(await decodeImage(file("examples_jpeg2k.dcm"))).toMatchObject({
      width: 640,
      height: 480,
      channels: 3,
    });
  });
  it("12-bit JPEG: a scan with something to see", async () => {
    const { image } = await decodeDicom(file("JPEG-lossy.dcm"));
    expect(image).toMatchObject({ width: 256, height: 1024, channels: 1 });
    expect(image.data.reduce((most, value) => Math.max(most, value))).toBe(255);
  });
  it("no identifying text of any file reaches the store or an error", async () => {
    const { default: dicomParser } = await import("dicom-parser");
    const folder = mkdtempSync(join(tmpdir(), "dicom-"));
    try {
      let kept = 0;
      for (const name of readdirSync(samples!).filter((entry) => entry.endsWith(".dcm"))) {
        const dataSet = dicomParser.parseDicom(file(name));
        const texts = Object.keys(dataSet.elements)
          .filter((tag) =>
            /^x0008(0050|0080|0081|0090|1010|1030|103e|1048|1050|1070)$|^x0010|^x0020000[de]$|^x00200010$/.test(
              tag,
            ),
          )
          .map((tag) => dataSet.string(tag)?.trim() ?? "")
          .filter((text) => text.length >= 4);
        expect(texts.length, name).toBeGreaterThan(0);
        const outcome = await openImageStore(folder)
          .put(file(name))
          .then(
            (ref) => readFileSync(openImageStore(folder).path(ref), "latin1") + JSON.stringify(ref),
            (error: Error) => `${error.message} ${error.stack}`,
          );
        if (outcome.includes("PNG")) kept += 1;
        for (const text of texts) expect(outcome).not.toContain(text);
      }
      expect(kept).toBe(8);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
