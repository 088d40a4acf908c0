import { join } from "node:path";
import { isInside } from "@mede2/runs";
import { recordNameOfFile } from "@mede2/schemas";
import * as vscode from "vscode";
import { fileSource } from "../files/byte-source.ts";
import { isShown } from "../records/parse-line.ts";
import { recordFile } from "../records/record-file.ts";
import { runDescription } from "../runs/run-text.ts";
import { runView } from "../runs/run-view.ts";
import { diskFolders } from "./folders.ts";
import type { Services } from "./services.ts";

/** Read-only tools for the language models of the editor, as long as the setting asks for them. */
export function languageModelTools(services: Services): vscode.Disposable {
  let registered: vscode.Disposable[] = [];
  const update = () => {
    for (const each of registered) each.dispose();
    registered = vscode.workspace.getConfiguration("mede2").get("languageModelTools", false)
      ? register(services)
      : [];
  };
  update();
  const listening = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("mede2.languageModelTools")) update();
  });
  return {
    dispose: () =>
      [listening, ...registered].forEach((each) => {
        each.dispose();
      }),
  };
}

const said = (value: unknown) =>
  new vscode.LanguageModelToolResult([
    new vscode.LanguageModelTextPart(typeof value === "string" ? value : JSON.stringify(value, null, 1)),
  ]);

function register({ monitor }: Services): vscode.Disposable[] {
  return [
    vscode.lm.registerTool("mede2_list_runs", {
      async invoke() {
        await monitor.look();
        return said(
          monitor.runs.map(({ found }) =>
            found.readable
              ? { id: found.run.id, recipe: found.run.recipe, state: runDescription(found.run) }
              : { id: found.id, unreadable: found.reason },
          ),
        );
      },
    }),
    vscode.lm.registerTool<{ run: string }>("mede2_read_run", {
      async invoke({ input }) {
        await monitor.look();
        const found = monitor.find(String(input.run))?.found;
        return said(
          found?.readable
            ? runView(found.run, [])
            : `There is no readable run ${String(input.run).slice(0, 80)} here.`,
        );
      },
    }),
    vscode.lm.registerTool<{ file: string; line: number }>("mede2_read_trace", {
      async invoke({ input }) {
        const name = String(input.file);
        const record = recordNameOfFile(name);
        const [folder] = diskFolders().filter((top) => isInside(top, join(top, name)));
        if (folder === undefined || !isShown(record))
          return said("There is no such file of records in this workspace.");
        const file = recordFile(fileSource(join(folder, name)), record, name);
        try {
          while (!file.index.done && file.index.count < input.line) await file.index.advance(1 << 24);
          if (!(Number.isSafeInteger(input.line) && input.line >= 1 && input.line <= file.index.count))
            return said(`The file has ${file.index.count} records.`);
          const found = await file.read(input.line - 1);
          return said("ok" in found ? found.text.slice(0, 100_000) : found.fault);
        } finally {
          await file.close();
        }
      },
    }),
  ];
}
