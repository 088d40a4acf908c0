import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../lib/editor.mjs";
import { processesOf } from "../lib/processes.mjs";
import * as wb from "../lib/workbench.mjs";

const slow = 240_000;

/** Runs of the real trainer from the palette; a command that fits one run alone does not ask which: paused, resumed, saved, stopped, started again, killed, and resumed once more; then two compared. */
export async function steer({ editor, folder, report }) {
  const { page } = editor;
  await editor.open(folder);
  const view = wb.webview(page);
  const runs = () => readdirSync(join(folder, "runs")).filter((name) => !name.startsWith("."));
  let dir;
  const events = () =>
    readFileSync(join(dir, "events.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const count = (type) => events().filter((event) => event.type === type).length;
  const has = (type, least = 1) => until(() => count(type) >= least, slow, `${least} × ${type}`);
  const begin = async (steps, remembered = false) => {
    await wb.palette(page, "MedE²: New Run…");
    await wb.pick(page, "New Run", "demo-stage1");
    await wb.pick(page, "New Run", "models/tiny");
    await wb.pick(page, "New Run", "stage1.demonstrations.jsonl");
    if (remembered) {
      await page.locator(".quick-input-widget", { hasText: "(4/6)" }).waitFor({ timeout: slow });
      await page
        .locator(".quick-input-list .monaco-list-row.focused", { hasText: "Other…" })
        .waitFor({ timeout: slow });
    }
    await wb.pick(page, "New Run", "Other…");
    await wb.enter(page, "Steps", String(steps));
    await wb.pick(page, "New Run", "embedded on cpu");
    await wb.pick(page, "New Run", "Start the run");
    await view.locator(".progress", { hasText: `of ${steps}` }).waitFor({ timeout: slow });
    await view.locator(".chart").first().waitFor({ timeout: slow });
  };
  await report.flow("a run of 4,000 steps from the palette", async () => {
    await begin(4000);
    dir = join(folder, "runs", runs()[0]);
  });
  await report.flow("Pause Run holds it, Resume Run lets it go on", async () => {
    await wb.palette(page, "MedE²: Pause Run");
    await has("run-paused");
    await view.locator(".status.paused").waitFor({ timeout: slow });
    await report.picture(page, "paused");
    const steps = count("step-end");
    await wb.palette(page, "MedE²: Resume Run");
    await has("run-resumed");
    await has("step-end", steps + 1);
    await view.locator(".status.running").waitFor({ timeout: slow });
  });
  await report.flow("Save a Checkpoint Now saves one", async () => {
    const before = count("checkpoint-saved");
    await wb.palette(page, "MedE²: Save a Checkpoint Now");
    await has("checkpoint-saved", before + 1);
    const saved = view.locator("section", { hasText: "Checkpoints" }).last();
    await saved.waitFor({ timeout: slow });
    await saved.scrollIntoViewIfNeeded();
    await report.picture(page, "checkpoint");
  });
  await report.flow("Learning rate… asks for it, and the next steps have it", async () => {
    await view.getByRole("button", { name: "Learning rate…" }).click();
    await wb.enter(page, "The rate from the next step on", "0.000123");
    await until(
      () => events().some(({ type, learningRate }) => type === "step-end" && learningRate === 0.000123),
      slow,
      "a step has the new rate",
    );
  });
  await report.flow("the tree stops it, after a question", async () => {
    await wb.openView(page);
    const row = wb.treeRow(page, "demo-stage1");
    await row.waitFor({ timeout: slow });
    await report.picture(page, "runs-live");
    await wb.rowAction(row, "Stop Run");
    await wb.dialogButton(page, "Stop").waitFor({ timeout: slow });
    await report.picture(page, "stop");
    await wb.dialogButton(page, "Stop").click();
    await has("run-stopped");
    await view.locator(".status.stopped").waitFor({ timeout: slow });
    const asked = events().filter(({ type }) => type === "control-acknowledged");
    assert.deepEqual(
      asked.map(({ request, outcome }) => [request, outcome]),
      [
        ["pause", "done"],
        ["resume", "done"],
        ["checkpoint", "done"],
        ["learning-rate", "done"],
        ["stop", "done"],
      ],
    );
  });
  await report.flow(
    "Resume Run starts it again from its checkpoint; a killed one is found lost, and resumed",
    async () => {
      await wb.palette(page, "MedE²: Resume Run");
      await has("run-started", 2);
      await view.locator(".status.running").waitFor({ timeout: slow });
      await has("step-end", count("step-end") + 2);
      process.kill(events().findLast(({ type }) => type === "run-started").pid, "SIGKILL");
      await view.locator(".status.lost").waitFor({ timeout: slow });
      await report.picture(page, "lost");
      await view.getByRole("button", { name: "Resume" }).click();
      await has("run-started", 3);
      await view.locator(".status.running").waitFor({ timeout: slow });
      assert.ok(events().findLast(({ type }) => type === "run-started").fromCheckpoint);
      await wb.palette(page, "MedE²: Stop Run");
      await wb.dialogButton(page, "Stop").click();
      await has("run-stopped", 2);
    },
  );
  await report.flow(
    "the form remembers; a run that ends unseen is told of, and the message opens it",
    async () => {
      await begin(30, true);
      await wb.palette(page, "View: Close All Editors");
      await wb.toast(page, "finished").waitFor({ timeout: slow });
      await report.picture(page, "told");
      await wb.toastButton(page, "finished", "Open").click();
      await view.locator(".status.finished").waitFor({ timeout: slow });
    },
  );
  await report.flow("Compare Runs lays both over each other", async () => {
    await wb.palette(page, "MedE²: Compare Runs");
    const rows = page.locator(".quick-input-list .monaco-list-row", { hasText: "demo-stage1" });
    await until(async () => (await rows.count()) === 2, slow, "there are two runs to choose");
    for (const at of [0, 1]) await rows.nth(at).click();
    await page.locator(".quick-input-widget .monaco-button", { hasText: "OK" }).click();
    await view.locator(".legend li").nth(1).waitFor({ timeout: slow });
    await view.locator("tr.differ", { hasText: "schedule.steps" }).waitFor({ timeout: slow });
    await report.picture(page, "comparison-real");
  });
  for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL"); // what a check that failed left running
}
