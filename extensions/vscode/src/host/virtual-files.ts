import type { DataFile } from "@mede2/runs";
import { recordNameOfFile } from "@mede2/schemas";
import * as vscode from "vscode";
import { type ByteSource, memorySource } from "../files/byte-source.ts";
import type { CaseView } from "../protocol/case-view.ts";

/** Folders of this window that no disk holds: they are read through the editor, whole files at a time, and never written. */
export const virtualFolders = (): vscode.Uri[] =>
  (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => (uri.scheme === "file" ? [] : [uri]));

const [mostBytes, mostFolders, mostFiles, deepest] = [1 << 26, 300, 1000, 5];

/** A file of a virtual folder. Throws, when it is read, if it is larger than 64 MB. */
export const virtualSource = (uri: vscode.Uri): ByteSource =>
  memorySource(async () => {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostBytes)
      throw new Error(
        `${uri.path} has ${Math.round(size / 1e6)} MB, and files of virtual workspaces are read up to ${mostBytes >> 20} MB`,
      );
    return vscode.workspace.fs.readFile(uri);
  });

/** The files of records of a virtual folder, by walking a few hundred of its folders; `path` is the one of their address. */
export async function virtualFiles(top: vscode.Uri): Promise<DataFile[]> {
  const files: DataFile[] = [];
  const left: { uri: vscode.Uri; depth: number }[] = [{ uri: top, depth: 0 }];
  for (let looked = 0; left.length > 0 && looked < mostFolders; looked++) {
    const { uri, depth } = left.shift()!;
    const entries = await vscode.workspace.fs.readDirectory(uri).then(
      (found) => found,
      () => [],
    );
    for (const [name, type] of entries) {
      const child = vscode.Uri.joinPath(uri, name);
      if (type === vscode.FileType.Directory) {
        if (depth < deepest && !name.startsWith(".") && name !== "node_modules")
          left.push({ uri: child, depth: depth + 1 });
        continue;
      }
      const record = recordNameOfFile(name);
      if (record === undefined || files.length >= mostFiles) continue;
      const { size, mtime } = await vscode.workspace.fs.stat(child);
      if (size <= mostBytes)
        files.push({ path: child.path, record, bytes: size, modified: mtime, card: undefined });
    }
  }
  return files;
}

const pictures = [
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["webp", "image/webp"],
] as const;
const mostPictureBytes = 1 << 23;

/**
 * A case with the pictures that could not be found on a disk, from the stores (`.mede2/images`) of the folders above its file, within the window's
 * folder. They come in the message, as a page can ask for nothing that lies in a virtual folder.
 */
export async function withVirtualPictures(view: CaseView, file: vscode.Uri): Promise<CaseView> {
  const top = vscode.workspace.getWorkspaceFolder(file)?.uri;
  if (top === undefined) return view;
  const stores: vscode.Uri[] = [];
  for (let folder = vscode.Uri.joinPath(file, ".."); ; folder = vscode.Uri.joinPath(folder, "..")) {
    stores.push(vscode.Uri.joinPath(folder, ".mede2", "images"));
    if (folder.path === top.path || folder.path.length <= top.path.length) break;
  }
  const images: CaseView["images"] = [];
  for (const image of view.images) {
    const source = image.source ?? (await pictureIn(stores, image.sha256));
    const { reason, ...rest } = image;
    images.push(
      source === undefined
        ? { ...rest, reason: "it is in no image store of this folder" }
        : { ...rest, source },
    );
  }
  return { ...view, images };
}

async function pictureIn(stores: readonly vscode.Uri[], sha256: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  for (const store of stores)
    for (const [ending, mime] of pictures) {
      const uri = vscode.Uri.joinPath(store, sha256.slice(0, 2), `${sha256}.${ending}`);
      try {
        const { size } = await vscode.workspace.fs.stat(uri);
        if (size > mostPictureBytes) continue;
        return `data:${mime};base64,${Buffer.from(await vscode.workspace.fs.readFile(uri)).toString("base64")}`;
      } catch {
        // it is not there
      }
    }
  return undefined;
}
