import { basename, dirname, relative } from "node:path";
import type { DataFile } from "@mede2/runs";
import * as vscode from "vscode";
import { bytesText } from "../../runs/run-text.ts";
import { folderOf } from "../folders.ts";
import type { Services } from "../services.ts";
import { virtualFiles, virtualFolders } from "../virtual-files.ts";

/** What a command on a file may be called with: its address, a row of a tree, or nothing. */
export type FileTarget = vscode.Uri | { readonly item: vscode.TreeItem } | undefined;

export const uriOf = (target: FileTarget): vscode.Uri | undefined =>
  target instanceof vscode.Uri ? target : target?.item?.resourceUri;

/** The folder of a file, as it stands behind its name in a list. */
export const shortFolder = (path: string) => relative(folderOf(path) ?? "/", dirname(path));

type FileItem = DataFile & { readonly uri: vscode.Uri; readonly folder: string };

/** The file that is meant; asks among those of the window when it is not said. */
export async function fileOf(
  services: Services,
  target: FileTarget,
  wanted: (file: DataFile) => boolean,
  placeholder: string,
): Promise<vscode.Uri | undefined> {
  const named = uriOf(target);
  if (named !== undefined) return named;
  const files: FileItem[] = (await services.surveys.all()).files
    .filter(wanted)
    .map((file) => ({ ...file, uri: vscode.Uri.file(file.path), folder: shortFolder(file.path) }));
  for (const top of virtualFolders())
    for (const file of (await virtualFiles(top)).filter(wanted))
      files.push({
        ...file,
        uri: top.with({ path: file.path }),
        folder: relative(top.path, dirname(file.path)),
      });
  if (files.length === 0) {
    void vscode.window.showInformationMessage(
      `MedE²: there is no such file in the folders of this window (${placeholder}).`,
    );
    return undefined;
  }
  const items = files
    .sort((a, b) => b.modified - a.modified)
    .map(({ path, bytes, folder, uri }) => ({
      ...{ label: basename(path), description: `${bytesText(bytes)} · ${folder}`, uri },
    }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "MedE²",
    placeHolder: placeholder,
    matchOnDescription: true,
  });
  return chosen?.uri;
}
