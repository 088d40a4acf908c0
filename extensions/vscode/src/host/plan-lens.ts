import * as vscode from "vscode";

/** "Run" and "Check" above a plan file. */
export function planLens(): vscode.CodeLensProvider {
  return {
    provideCodeLenses(document) {
      if (!vscode.workspace.getConfiguration("mede2").get("codeLens", true) || !vscode.workspace.isTrusted)
        return [];
      const start = document.getText().indexOf("{");
      if (start < 0) return [];
      const range = new vscode.Range(document.positionAt(start), document.positionAt(start + 1));
      return [
        new vscode.CodeLens(range, {
          command: "mede2.runPlan",
          title: "$(play) Run",
          tooltip: "Check this plan, say what it needs, and start it",
          arguments: [document.uri],
        }),
      ];
    },
  };
}
