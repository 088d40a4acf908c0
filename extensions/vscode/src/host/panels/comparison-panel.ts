import { basename } from "node:path";
import { type TrackedRun, trackRun } from "@mede2/runs";
import * as vscode from "vscode";
import { fromComparisonSchema, type ToComparison, toComparisonSchema } from "../../protocol/run-messages.ts";
import { comparedRun, resultRows, settingRows } from "../../runs/compare-runs.ts";
import { isLive } from "../../runs/run-text.ts";
import type { Services } from "../services.ts";
import { openWebview, tabIcon } from "./open-webview.ts";

/** Two to four runs over each other: curves, results, and the settings in which they differ. */
export function showComparison(
  services: Services,
  dirs: readonly string[],
  open: (dir: string) => void,
): void {
  const title = `Compare: ${dirs.map((dir) => basename(dir)).join(", ")}`;
  const panel = vscode.window.createWebviewPanel("mede2.comparison", title, vscode.ViewColumn.Active, {});
  panel.iconPath = tabIcon(services);
  const trackers = dirs.map((dir) => trackRun(dir));
  let timer: NodeJS.Timeout | undefined;
  let told = "";
  panel.onDidDispose(() => clearTimeout(timer));
  panel.onDidChangeViewState(() => {
    if (panel.visible) void look();
  });
  const channel = openWebview<ToComparison, typeof fromComparisonSchema>(panel.webview, {
    ...{ services, view: "comparison", title, outgoing: toComparisonSchema, incoming: fromComparisonSchema },
    async receive(message) {
      if (message.type === "open") {
        const dir = dirs[message.run];
        if (dir !== undefined) open(dir);
        return;
      }
      told = "";
      await look();
    },
  });

  async function look() {
    clearTimeout(timer);
    const runs: TrackedRun[] = [];
    for (const tracker of trackers) runs.push(await tracker.read());
    const versions = runs.map(({ version, status }) => `${version} ${status}`).join();
    if (versions !== told)
      channel.post({
        type: "runs",
        runs: runs.map(comparedRun),
        results: resultRows(runs),
        settings: settingRows(runs),
      });
    told = versions;
    const open = runs.some(({ status, read }) => isLive(status) || read < 1);
    if (panel.visible && open) timer = setTimeout(() => void look(), 1000);
  }
}
