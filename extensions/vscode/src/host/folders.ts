import { isInside } from "@mede2/runs";
import * as vscode from "vscode";

/** Folders of this window that lie on disk. */
export function diskFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
}

/** The folder of this window that a path lies in. */
export const folderOf = (path: string): string | undefined =>
  diskFolders().find((folder) => isInside(folder, path));
