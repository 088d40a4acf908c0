import { recordNameOfFile } from "@mede2/schemas";
import * as vscode from "vscode";
import { isShown } from "../records/parse-line.ts";
import { folderOf } from "./folders.ts";

/** `vscode://mede2.mede2-vscode/open?file=…&line=…`: a record of a file that lies in a folder of the window. */
export const linkTo = (uri: vscode.Uri, line: number, extension: string): string =>
  `${vscode.env.uriScheme}://${extension}/open?file=${encodeURIComponent(uri.fsPath)}&line=${line}`;

/** A link is untrusted: it opens, read-only, a file of records in a folder of the window, and does nothing else. */
export function linkHandler(open: (uri: vscode.Uri, line: number) => Promise<void>): vscode.UriHandler {
  return {
    async handleUri(uri) {
      const query = new URLSearchParams(uri.query);
      const file = query.get("file") ?? "";
      const line = Number(query.get("line") ?? "1");
      if (
        uri.path !== "/open" ||
        folderOf(file) === undefined ||
        !isShown(recordNameOfFile(file)) ||
        !Number.isSafeInteger(line) ||
        line < 1
      ) {
        void vscode.window.showWarningMessage(
          "MedE²: the link names no record of a file in the folders of this window.",
        );
        return;
      }
      await open(vscode.Uri.file(file), line);
    },
  };
}
