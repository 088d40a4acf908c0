import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ImportError, type SourcePlace } from "../import-error.ts";
import type { SourceImage } from "../importer.ts";
import { FieldFault, kindOf } from "./fields.ts";
import { isFile, localFile, type SourceFile } from "./source-file.ts";
import { openZip, type ZipArchive } from "./zip-file.ts";

/** A picture that a record names and that is not there. */
export class PictureMissing extends Error {}

/** Where a source's pictures lie. */
export interface Pictures {
  /** The picture of this name, which comes from a record and is not to be trusted. It is looked for when it is read. */
  named(name: unknown, field: string, place: SourcePlace, role?: string): SourceImage;
  /** A file that the source may have beside its pictures, or undefined. */
  beside(name: string): Promise<Uint8Array | undefined>;
}

/**
 * Pictures below the folder of `--images`, else the source's: as the record says, or in one of the `folders`, or inside a ZIP there (or `dir`
 * is one). A name that leads out of the folder throws a FieldFault.
 */
export async function openPictures(
  dir: string,
  images: string | undefined,
  folders: readonly string[] = ["images"],
): Promise<Pictures> {
  const given = images ?? dir;
  const root = (await isFile(given)) && !/\.zip$/i.test(given) ? dirname(given) : given;
  const archives = await archivesOf(root);
  const candidates = ["", ...folders];
  const find = async (name: string): Promise<SourceFile | undefined> => {
    for (const folder of candidates) {
      const path = join(root, folder, name);
      if (await isFile(path)) return localFile(path, name);
    }
    for (const archive of archives)
      for (const folder of archive.folders) {
        const found = archive.zip.file(`${folder}${name}`);
        if (found !== undefined) return found;
      }
    return undefined;
  };
  return {
    beside: async (name) => (await find(name))?.bytes(),
    named(name, field, place, role) {
      const path = relativePath(name, field);
      return {
        key: path,
        place: { ...place, field },
        ...(role === undefined ? {} : { role }),
        read: async () => {
          const file = await find(path);
          if (file === undefined) throw new PictureMissing(`there is no ${path} in ${root}`);
          return file.bytes();
        },
      };
    },
  };

  async function archivesOf(folder: string): Promise<{ zip: ZipArchive; folders: string[] }[]> {
    const paths = /\.zip$/i.test(folder)
      ? [folder]
      : (await readdir(folder).catch(unreadable(folder)))
          .filter((name) => /\.zip$/i.test(name))
          .sort()
          .map((name) => join(folder, name));
    const found = [];
    for (const path of paths) {
      const top = basename(path).replace(/\.zip$/i, "");
      const inside = new Set(["", `${top}/`, ...folders.flatMap((name) => [`${name}/`, `${top}/${name}/`])]);
      found.push({ zip: await openZip(path), folders: [...inside] });
    }
    return found;
  }
}

const unreadable =
  (file: string) =>
  (cause: Error): never => {
    throw new ImportError(
      "IMPORT_FOLDER_UNREADABLE",
      `the folder of pictures cannot be read (${cause.message}).`,
      { file },
      cause,
    );
  };

/** A path below a folder, with `/`. Refuses absolute paths, drive letters, `..`, backslashes and control characters. */
export function relativePath(name: unknown, field: string): string {
  if (typeof name !== "string" || name.trim() === "")
    throw new FieldFault(field, `expected the path of a picture, got ${kindOf(name)}`);
  const path = name.trim().replace(/^(\.\/)+/, "");
  const segments = path.split("/");
  const control = [...path].some((letter) => letter.charCodeAt(0) < 32);
  if (
    path.startsWith("/") ||
    /^[a-z]:/i.test(path) ||
    path.includes("\\") ||
    control ||
    segments.includes("..") ||
    path.length > 1024
  )
    throw new FieldFault(field, `expected a path below the folder, got ${kindOf(name)}`, "image-path-unsafe");
  return segments.filter((segment) => segment !== "" && segment !== ".").join("/");
}

/** A picture inside a record, as Hugging Face's Parquet files hold them: `{bytes, path}`, or a path alone to a file beside. */
export function embedded(
  value: unknown,
  field: string,
  place: SourcePlace,
  pictures: Pictures,
  role?: string,
): SourceImage {
  if (typeof value === "string") return pictures.named(value, field, place, role);
  if (typeof value !== "object" || value === null)
    throw new FieldFault(field, `expected a picture, got ${kindOf(value)}`);
  const { bytes, path } = value as { bytes?: unknown; path?: unknown };
  if (bytes instanceof Uint8Array)
    return { place: { ...place, field }, ...(role === undefined ? {} : { role }), read: async () => bytes };
  if (typeof path === "string") return pictures.named(path, field, place, role);
  throw new FieldFault(field, "expected {bytes, path} of a picture");
}

/** The name of an embedded picture's file, where the record tells it. */
export function pictureName(value: unknown): string | undefined {
  const path = typeof value === "string" ? value : (value as { path?: unknown } | null)?.path;
  return typeof path === "string" && path !== "" ? basename(path) : undefined;
}
