import { basename, dirname } from "node:path";
import type { DataFile } from "@mede2/runs";
import { recordNameOfFile } from "@mede2/schemas";
import type * as vscode from "vscode";
import { fileSource } from "../../files/byte-source.ts";
import type { ShowImage } from "../../records/case-of.ts";
import { openInspectFile } from "../../records/inspect-file.ts";
import { type Lookup, openLookup } from "../../records/lookup.ts";
import { isShown } from "../../records/parse-line.ts";
import { type RecordFile, recordFile } from "../../records/record-file.ts";
import { virtualSource } from "../virtual-files.ts";

/** A file of records, what is looked up for it, and where its pictures are, when they are in the file itself. */
export interface OpenedRecords {
  readonly file: RecordFile;
  readonly lookup: Lookup;
  readonly showImage?: ShowImage;
}

/** Opens what the trace editor shows: files of our records, and logs of Inspect. `files` are those that may say more. */
export async function openRecords(uri: vscode.Uri, files: readonly DataFile[]): Promise<OpenedRecords> {
  const name = basename(uri.path);
  if (name.endsWith(".eval")) {
    if (uri.scheme !== "file") throw new Error(`${name}: logs of Inspect are read from a disk only`);
    return openInspectFile(uri.fsPath, name);
  }
  const record = recordNameOfFile(name);
  if (!isShown(record)) throw new Error(`${name} is none of the files that this editor shows`);
  const onDisk = uri.scheme === "file";
  const source = (path: string) => (onDisk ? fileSource(path) : virtualSource(uri.with({ path })));
  const place = onDisk ? uri.fsPath : uri.path;
  return {
    file: recordFile(source(place), record, name),
    lookup: openLookup(place, files, (path) => basename(dirname(path)), source),
  };
}
