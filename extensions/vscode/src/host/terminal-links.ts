import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { recordNameOfFile } from "@mede2/schemas";
import * as vscode from "vscode";
import { placesInLine } from "../files/places-in-line.ts";
import { isShown } from "../records/parse-line.ts";
import { diskFolders, folderOf } from "./folders.ts";

interface Link extends vscode.TerminalLink {
  act(): unknown;
}

/** What the commands print in a terminal leads on: run folders to the run's view, files of records to the line that is named. Only into the window's folders. */
export function terminalLinks(open: {
  run(dir: string): void;
  records(uri: vscode.Uri, line: number): Promise<void>;
}): vscode.Disposable {
  const provider: vscode.TerminalLinkProvider<Link> = {
    provideTerminalLinks({ line }) {
      return placesInLine(line).flatMap(({ start, length, path, line: at }) => {
        const found = placeOf(path);
        if (found === undefined) return [];
        const link = { startIndex: start, length };
        if (existsSync(join(found, "run.json")))
          return [{ ...link, tooltip: "Attach to Run (MedE²)", act: () => open.run(found) }];
        if (!isShown(recordNameOfFile(found))) return [];
        return [
          {
            ...link,
            tooltip: "Open Trace (MedE²)",
            act: () => open.records(vscode.Uri.file(found), at ?? 1),
          },
        ];
      });
    },
    handleTerminalLink: ({ act }) => void act(),
  };
  return vscode.window.registerTerminalLinkProvider(provider);
}

/** Where a path that was printed lies in the window's folders. */
function placeOf(path: string): string | undefined {
  const places = isAbsolute(path) ? [path] : diskFolders().map((folder) => join(folder, path));
  return places.find((place) => folderOf(place) !== undefined && existsSync(place));
}
