import { basename, dirname } from "node:path";
import type { DataFile } from "@mede2/runs";
import { recordNameOfFile } from "@mede2/schemas";
import * as vscode from "vscode";
import { type ByteSource, fileSource, memorySource } from "../../files/byte-source.ts";
import type { ShowImage } from "../../records/case-of.ts";
import { openInspectFile } from "../../records/inspect-file.ts";
import { type Lookup, openLookup } from "../../records/lookup.ts";
import { isShown } from "../../records/parse-line.ts";
import { type RecordFile, recordFile } from "../../records/record-file.ts";

const mostVirtualBytes = 1 << 26;

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
  const file = recordFile(await sourceOf(uri), record, name);
  return { file, lookup: openLookup(uri.fsPath, files, (path) => basename(dirname(path))) };
}

async function sourceOf(uri: vscode.Uri): Promise<ByteSource> {
  if (uri.scheme === "file") return fileSource(uri.fsPath);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > mostVirtualBytes)
    throw new Error(
      `${uri.path} has ${Math.round(size / 1e6)} MB, and files of virtual workspaces are read up to ${mostVirtualBytes >> 20} MB`,
    );
  return memorySource(await vscode.workspace.fs.readFile(uri));
}
