import { basename } from "node:path";
import { type TrackedRun, trackRun } from "@mede2/runs";
import * as vscode from "vscode";
import { fromComparisonSchema, type ToComparison, toComparisonSchema } from "../../protocol/run-messages.ts";
import { compareAnswers, type FoundAnswers } from "../../runs/compare-answers.ts";
import { comparedRuns, resultRows, settingRows } from "../../runs/compare-runs.ts";
import { namesApart } from "../../runs/run-name.ts";
import { isLive } from "../../runs/run-text.ts";
import type { Services } from "../services.ts";
import { openWebview, tabIcon } from "./open-webview.ts";

/** Two to four runs over each other: curves, results, graded answers, and the settings in which they differ. */
export function showComparison(
  services: Services,
  dirs: readonly string[],
  act: { run(dir: string): void; record(uri: vscode.Uri, line: number): Promise<void> },
): void {
  const title = `Compare: ${namesApart(dirs.map((dir) => basename(dir))).join(", ")}`;
  const panel = vscode.window.createWebviewPanel("mede2.comparison", title, vscode.ViewColumn.Active, {});
  panel.iconPath = tabIcon(services);
  const trackers = dirs.map((dir) => trackRun(dir));
  let timer: NodeJS.Timeout | undefined;
  let told = "";
  let reading: Promise<TrackedRun[]> | undefined;
  let answers: FoundAnswers | undefined;
  panel.onDidDispose(() => clearTimeout(timer));
  panel.onDidChangeViewState(() => {
    if (panel.visible) void look();
  });
  const channel = openWebview<ToComparison, typeof fromComparisonSchema>(panel.webview, {
    ...{ services, view: "comparison", title, outgoing: toComparisonSchema, incoming: fromComparisonSchema },
    async receive(message) {
      switch (message.type) {
        case "open": {
          const dir = dirs[message.run];
          return dir === undefined ? undefined : act.run(dir);
        }
        case "answer": {
          const place = answers?.places[message.row]?.[message.run];
          return place ? act.record(vscode.Uri.file(place.path), place.line) : undefined;
        }
        case "ready":
          told = "";
          await look();
          await grade();
      }
    },
  });

  async function look() {
    clearTimeout(timer);
    const runs = await readAll();
    const versions = runs.map(({ version, status }) => `${version} ${status}`).join();
    if (versions !== told)
      channel.post({
        type: "runs",
        runs: comparedRuns(runs),
        results: resultRows(runs),
        settings: settingRows(runs),
      });
    told = versions;
    const open = runs.some(({ status, read }) => isLive(status) || read < 1);
    if (panel.visible && open) timer = setTimeout(() => void look(), 1000);
  }

  /** One reading at a time: a tracker is not made for two. */
  function readAll(): Promise<TrackedRun[]> {
    reading ??= (async () => {
      const runs: TrackedRun[] = [];
      for (const tracker of trackers) runs.push(await tracker.read());
      return runs;
    })().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function grade() {
    const runs = (await readAll()).map(({ id, dir }) => ({ id, dir }));
    answers = await compareAnswers(runs, await services.surveys.files("evaluation-record"));
    if (answers !== undefined) {
      const { places: _places, ...shown } = answers;
      channel.post({ type: "answers", ...shown });
    }
  }
}
