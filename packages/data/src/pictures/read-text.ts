import { createRequire } from "node:module";
import { ImageError, type ImageStore } from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";
import { DataError } from "../records/data-error.ts";

/** What stands in a picture. */
export interface PictureReading {
  sha256: string;
  /** Words that were read with enough confidence, with single spaces. "" when there are none. */
  text: string;
  words: number;
  /** By what, so that a file of readings is never mixed with another's: name, version and threshold. */
  by: string;
}

export interface PictureReader {
  readonly by: string;
  read(ref: ImageRef): Promise<PictureReading | { failed: string }>;
  close(): Promise<void>;
}

/** Words below this confidence are noise: without it the texture of a film reads as letters. */
const CONFIDENCE = 70;

/**
 * Tesseract, compiled to WebAssembly, with the English language data of its npm package: nothing is fetched at run time. Both packages are optional; without them a DataError says how to get
 * them. About 0.3 s a picture. It reads printed text (annotations, footers, labels of a figure), not handwriting, and misses small or faint letters.
 */
export async function tesseractReader(store: ImageStore): Promise<PictureReader> {
  const { createWorker, data, version } = await loadTesseract();
  const worker = await createWorker("eng", 1, { langPath: data, cacheMethod: "none", gzip: true });
  await worker.setParameters({ debug_file: "/dev/null" } as Parameters<typeof worker.setParameters>[0]); // else it prints to stderr
  const by = `tesseract.js ${version} eng, words of confidence ${CONFIDENCE} or more`;
  return {
    by,
    async read(ref) {
      let bytes: Uint8Array;
      try {
        bytes = await store.read(ref);
      } catch (error) {
        if (error instanceof ImageError) return { failed: error.message };
        throw error;
      }
      const { data: page } = await worker
        .recognize(Buffer.from(bytes), {}, { text: false, blocks: true })
        .catch((error: unknown) => {
          throw new DataError(
            "ocr-failed",
            `${store.path(ref)} could not be read as text (${String(error)})`,
            "take the picture out of the set, or read it with another OCR",
          );
        });
      const words = (page.blocks ?? [])
        .flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines.flatMap((line) => line.words)))
        .filter(({ confidence, text }) => confidence >= CONFIDENCE && /[\p{L}\p{N}]/u.test(text))
        .map(({ text }) => text);
      return { sha256: ref.sha256, text: words.join(" "), words: words.length, by };
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

async function loadTesseract() {
  try {
    const { default: tesseract } = await import("tesseract.js");
    const require = createRequire(import.meta.url);
    const { version } = require("tesseract.js/package.json") as { version: string };
    const { langPath } = require("@tesseract.js-data/eng") as { langPath: string };
    return { createWorker: tesseract.createWorker, data: langPath, version };
  } catch (cause) {
    throw new DataError(
      "ocr-missing",
      "tesseract.js and its language data are not installed",
      "npm install tesseract.js@7 @tesseract.js-data/eng@1",
      cause,
    );
  }
}
